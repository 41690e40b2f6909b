import Diffusion
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct NoiseScheduleTests {
    /// ᾱ agrees to one unit in the last place.
    ///
    /// At timestep 0, where 1 - ᾱ is 8.5e-4, more would show in the samplers. Rescaling
    /// subtracts a number from itself at the end, so there the unit is that of √ᾱ before it (6e-9), squared away.
    @Test(arguments: BetaSchedule.allCases, [false, true])
    func alphasAreThoseOfDiffusers(betaSchedule: BetaSchedule, rescaled: Bool) throws {
        let fixture = try Fixture.load(bundle: .module, "samplers")
        var configuration = SchedulerConfiguration.stableDiffusion1
        configuration.betaSchedule = betaSchedule
        configuration.rescaleBetasToZeroSNR = rescaled
        let name = "alphas_cumprod.\(betaSchedule.rawValue)\(rescaled ? ".zero_snr" : "")"
        let alphas = NoiseSchedule(configuration).alphasCumprod
        expectClose(
            alphas, try fixture[name].values, absolute: rescaled ? 2e-10 : 0,
            relative: rescaled ? 2e-6 : 1.2e-7)
        #expect((alphas.last == 0) == rescaled)
    }

    @Test func trainedBetasReplaceTheSchedule() {
        var configuration = SchedulerConfiguration.stableDiffusion1
        configuration.trainTimestepCount = 3
        configuration.trainedBetas = [0.5, 0.5, 0.75]
        #expect(NoiseSchedule(configuration).alphasCumprod == [0.5, 0.25, 0.0625])
    }

    @Test func pureNoiseAtTheLastTimestepStaysFinite() throws {
        var configuration = SchedulerConfiguration.stableDiffusion1
        configuration.rescaleBetasToZeroSNR = true
        configuration.predictionType = .velocity
        configuration.timestepSpacing = .trailing
        let workspace = Fixture.sharedWorkspace
        for kind in SamplerKind.allCases {
            let sampler = try kind.makeSampler(schedule: NoiseSchedule(configuration), stepCount: 5)
            var random = TorchRandom(seed: 1)
            let noise = random.normal(shape: [1, 2, 2, 4], in: workspace)
            var loop = DenoisingLoop(sampler: sampler, noise: noise, random: random) { latents, _, _ in
                latents
            }
            while let step = try loop.next() {
                #expect(step.latents.values.allSatisfy { $0.isFinite }, "\(kind) at step \(step.step)")
            }
        }
    }
}

@Suite struct SchedulerConfigurationTests {
    @Test func stableDiffusionsOwnFileIsRead() throws {
        let json = """
            {"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_end": 0.012,
             "beta_schedule": "scaled_linear", "beta_start": 0.00085, "num_train_timesteps": 1000,
             "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1, "trained_betas": null,
             "clip_sample": false}
            """
        #expect(try read(json) == .stableDiffusion1)
    }

    @Test func everyKeyIsRead() throws {
        let json = """
            {"_class_name": "DDIMScheduler", "num_train_timesteps": 4, "beta_start": 0.1, "beta_end": 0.2,
             "beta_schedule": "squaredcos_cap_v2", "trained_betas": [0.1, 0.2, 0.3, 0.4],
             "rescale_betas_zero_snr": true, "prediction_type": "v_prediction", "timestep_spacing": "trailing",
             "steps_offset": 2, "set_alpha_to_one": true, "final_sigmas_type": "sigma_min",
             "skip_prk_steps": false, "clip_sample": true, "clip_sample_range": 3, "thresholding": false,
             "original_inference_steps": 2, "timestep_scaling": 5.5}
            """
        var expected = SchedulerConfiguration.stableDiffusion1
        expected.className = "DDIMScheduler"
        expected.trainTimestepCount = 4
        expected.betaStart = 0.1
        expected.betaEnd = 0.2
        expected.betaSchedule = .squaredCosine
        expected.trainedBetas = [0.1, 0.2, 0.3, 0.4]
        expected.rescaleBetasToZeroSNR = true
        expected.predictionType = .velocity
        expected.timestepSpacing = .trailing
        expected.stepsOffset = 2
        expected.setAlphaToOne = true
        expected.finalSigma = .sigmaMinimum
        expected.skipRungeKuttaSteps = false
        expected.clipSample = true
        expected.clipSampleRange = 3
        expected.originalInferenceSteps = 2
        expected.timestepScaling = 5.5
        #expect(try read(json) == expected)
    }

    @Test func pythonsInfinitiesAreNull() throws {
        let json = #"{"lambda_min_clipped": -Infinity, "trained_betas": NaN, "note": "x: Infinity,"}"#
        #expect(try read(json).trainedBetas == nil)
    }

    @Test(arguments: [
        (
            #"{"beta_schedule": "sigmoid"}"#,
            #"f.json: beta_schedule is "sigmoid", which is not supported; it can be linear, scaled_linear, squaredcos_cap_v2"#
        ),
        (
            #"{"prediction_type": "flow_prediction"}"#,
            #"f.json: prediction_type is "flow_prediction", which is not supported; it can be epsilon, v_prediction, sample"#
        ),
        (#"{"thresholding": true}"#, "f.json: thresholding is true, which is not supported; it can be false"),
        (#"{"beta_start": "a"}"#, "f.json: beta_start has the wrong type; it should be Double"),
        (#"{"steps_offset": 1.5}"#, "f.json: steps_offset has the wrong type; it should be Int"),
        (#"{"num_train_timesteps": 0}"#, "f.json: num_train_timesteps is 0; it must lie in 2...100000"),
        (#"{"beta_end": 7}"#, "f.json: beta_end is 7.0; it must lie in 2.2250738585072014e-308...0.9999"),
        (#"{"trained_betas": [0.1]}"#, "f.json: trained_betas is 1; it must lie in 1000...1000"),
        (
            "[1]",
            #"f.json: this is not a JSON object; a scheduler configuration looks like {"beta_schedule": …}"#
        ),
        (
            "{",
            #"f.json: this is not a JSON object; a scheduler configuration looks like {"beta_schedule": …}"#
        ),
    ])
    func whatCannotBeUsedIsNamed(json: String, message: String) {
        let error = #expect(throws: SchedulerConfigurationError.self) { try read(json) }
        #expect(error?.description == message)
    }

    private func read(_ json: String) throws -> SchedulerConfiguration {
        try SchedulerConfiguration(json: Data(json.utf8), origin: "f.json")
    }
}
