import Diffusion
import Tensors
import TestSupport
import Testing
import Weights

/// Every sampler against diffusers (make_diffusion_fixtures.py): what it shows the network, what it makes of the
/// network's answer.
///
/// The bound of 1e-5 of a tensor's largest element leaves room for float32: diffusers computes its coefficients in
/// it, with logarithms whose differences lose a digit.
@Suite struct SamplerTests {
    private static let maxError: Float = 1e-5
    private static let stepCount = 10

    private let fixture: Fixture

    init() throws {
        fixture = try Fixture.load(bundle: .module, "samplers")
    }

    @Test(arguments: SamplerKind.allCases, [PredictionType.epsilon, .velocity])
    func tenStepsAreThoseOfDiffusers(kind: SamplerKind, predictionType: PredictionType) throws {
        let prefix = "\(kind.rawValue).\(predictionType.rawValue)"
        var sampler = try kind.makeSampler(
            schedule: schedule(kind, predictionType: predictionType), stepCount: Self.stepCount)
        let scale = try fixture["\(prefix).scale"].values[0]
        expectClose([sampler.initialNoiseScale], [scale], absolute: 0, relative: Self.maxError)

        var latents = try channelsLast("noise") * sampler.initialNoiseScale
        for step in sampler.timesteps.indices {
            let input = sampler.scaleModelInput(latents, step: step)
            expectRelative(input, try channelsLast("\(prefix).input.\(step)"), maxError: Self.maxError)
            let prediction = try channelsLast("\(prefix).prediction.\(step)")
            if fixture.scope.contains("\(prefix).original.\(step)") {
                let original = sampler.predictedOriginal(step: step, latents: latents, prediction: prediction)
                expectRelative(
                    original, try channelsLast("\(prefix).original.\(step)"), maxError: Self.maxError)
            }
            var random: any RandomSource = RecordedNoise(
                try? fixture["\(prefix).drawn.\(step)"].values)
            latents = sampler.step(step, latents: latents, prediction: prediction, random: &random)
            expectRelative(latents, try channelsLast("\(prefix).latents.\(step)"), maxError: Self.maxError)
        }
        #expect(!fixture.scope.contains("\(prefix).latents.\(sampler.timesteps.count)"))
    }

    /// What a configuration can change, one at a time; where diffusers' class has no such option, nothing is recorded.
    private static let variants: [(name: String, change: @Sendable (inout SchedulerConfiguration) -> Void)] =
        [
            ("cosine", { $0.betaSchedule = .squaredCosine }),
            (
                "linear",
                {
                    $0.betaSchedule = .linear
                    $0.betaStart = 0.0001
                    $0.betaEnd = 0.02
                }
            ),
            ("trailing", { $0.timestepSpacing = .trailing }),
            (
                "zero_snr",
                {
                    $0.rescaleBetasToZeroSNR = true
                    $0.timestepSpacing = .trailing
                    $0.predictionType = .velocity
                }
            ),
            ("sample", { $0.predictionType = .sample }),
            ("sigma_min", { $0.finalSigma = .sigmaMinimum }),
            (
                "clipped",
                {
                    $0.clipSample = true
                    $0.clipSampleRange = 0.8
                }
            ),
            ("clean_end", { $0.setAlphaToOne = true }),
        ]

    @Test(arguments: SamplerKind.allCases)
    func everyOptionChangesTheLatentsAsInDiffusers(kind: SamplerKind) throws {
        var compared = 0
        for (name, change) in Self.variants {
            let key = "\(kind.rawValue).variant.\(name).latents"
            guard fixture.scope.contains(key) else { continue }
            compared += 1
            var configuration = configuration(kind)
            change(&configuration)
            var sampler = try kind.makeSampler(
                schedule: NoiseSchedule(configuration), stepCount: Self.stepCount)
            var latents = try channelsLast("noise") * sampler.initialNoiseScale
            for step in sampler.timesteps.indices {
                let recorded = "\(kind.rawValue).epsilon"
                var random: any RandomSource = RecordedNoise(try? fixture["\(recorded).drawn.\(step)"].values)
                latents = sampler.step(
                    step, latents: latents, prediction: try channelsLast("\(recorded).prediction.\(step)"),
                    random: &random)
            }
            // Euler begins at σ = 4096 there, and diffusers subtracts numbers of that size in float32.
            let maxError = name == "zero_snr" ? 1e-4 : Self.maxError
            expectRelative(latents, try channelsLast(key), maxError: maxError)
        }
        #expect(compared >= 4)
    }

    @Test(arguments: SamplerKind.allCases, TimestepSpacing.allCases)
    func timestepsAreThoseOfDiffusers(kind: SamplerKind, spacing: TimestepSpacing) throws {
        for stepCount in [1, 2, 10, 25] {
            var configuration = configuration(kind)
            configuration.timestepSpacing = spacing
            let sampler = try kind.makeSampler(
                schedule: NoiseSchedule(configuration), stepCount: stepCount)
            let expected = try fixture["\(kind.rawValue).timesteps.\(stepCount).\(spacing.rawValue)"].values
            expectClose(sampler.timesteps, expected, absolute: 0, relative: 1e-6)
        }
    }

    @Test(arguments: SamplerKind.allCases)
    func aGivenImageGetsTheNoiseThatDiffusersAdds(kind: SamplerKind) throws {
        let sampler = try kind.makeSampler(
            schedule: schedule(kind, predictionType: .epsilon), stepCount: Self.stepCount)
        // The fixture took the fourth entry of the list; PNDM's second and third are the same step.
        let noised = sampler.noised(try reversedNoise(), noise: try channelsLast("noise"), step: 3)
        expectRelative(noised, try channelsLast("noised.\(kind.rawValue)"), maxError: Self.maxError)
    }

    @Test func onlyPNDMEvaluatesMoreOftenThanItSteps() throws {
        for kind in SamplerKind.allCases {
            let sampler = try kind.makeSampler(
                schedule: schedule(kind, predictionType: .epsilon), stepCount: 20)
            #expect(sampler.timesteps.count == (kind == .pndm ? 21 : 20))
        }
    }

    /// A perfect network answers with exactly the noise that is in the latents; then every sampler must arrive at
    /// the image, from wherever it starts.
    @Test(arguments: SamplerKind.allCases, [0, 4, 9])
    func aPerfectNetworkLeadsBackToTheImage(kind: SamplerKind, startStep: Int) throws {
        var configuration = configuration(kind)
        configuration.setAlphaToOne = true
        let sampler = try kind.makeSampler(
            schedule: NoiseSchedule(configuration), stepCount: Self.stepCount, startStep: startStep)
        let schedule = NoiseSchedule(configuration)
        let image = try reversedNoise()
        var loop = DenoisingLoop(
            sampler: sampler, redrawing: image, noise: try channelsLast("noise"), random: TorchRandom(seed: 3)
        ) { latents, timestep, _ in
            // The inverse of x = √ᾱ image + √(1 - ᾱ) noise, between two timesteps as the samplers interpolate.
            let lower = Int(timestep)
            let upper = min(lower + 1, schedule.alphasCumprod.count - 1)
            let sigmas = [lower, upper].map { index in
                ((1 - schedule.alphasCumprod[index]) / schedule.alphasCumprod[index]).squareRoot()
            }
            let sigma = sigmas[0] + (sigmas[1] - sigmas[0]) * (timestep - Float(lower))
            let alpha = 1 / (sigma * sigma + 1).squareRoot()
            return (latents - image * alpha) * (1 / (sigma * alpha))
        }
        while let step = try loop.next() {
            #expect(step.timestep == sampler.timesteps[step.step])
        }
        // Karras sigmas are evaluated at the nearest whole timestep, so the network is told a slightly wrong one.
        let maxError: Float = kind == .dpmSolverPlusPlus2MKarras ? 0.02 : 2e-3
        expectRelative(loop.latents, image, maxError: maxError)
    }

    @Test(arguments: SamplerKind.allCases.filter { $0 != .pndm })
    func redrawingPartOfAnImageIsThatOfDiffusers(kind: SamplerKind) throws {
        let prefix = "kept.\(kind.rawValue)"
        let sampler = try kind.makeSampler(
            schedule: schedule(kind, predictionType: .epsilon), stepCount: Self.stepCount, startStep: 4)
        var loop = DenoisingLoop(
            sampler: sampler, redrawing: try reversedNoise(), within: try channelsLast("kept.mask"),
            noise: try channelsLast("noise"), random: RecordedNoise([Float](repeating: 0, count: 96))
        ) { _, _, step in
            try channelsLast("\(prefix).prediction.\(step)")
        }
        while let step = try loop.next() {
            let expected = try channelsLast("\(prefix).latents.\(step.step)")
            expectRelative(step.latents, expected, maxError: Self.maxError)
        }
        #expect(!fixture.scope.contains("\(prefix).latents.\(loop.stepCount)"))
    }

    @Test(arguments: SamplerKind.allCases)
    func whatIsNotRedrawnStaysBitForBit(kind: SamplerKind) throws {
        let sampler = try kind.makeSampler(
            schedule: schedule(kind, predictionType: .epsilon), stepCount: Self.stepCount, startStep: 3)
        let (image, mask) = (try reversedNoise(), try channelsLast("kept.mask"))
        var loop = DenoisingLoop(
            sampler: sampler, redrawing: image, within: mask, noise: try channelsLast("noise"),
            random: TorchRandom(seed: 3)
        ) { latents, _, _ in latents * 0.5 }
        while let step = try loop.next() {
            let seen = zip(step.predictedOriginal.values, image.values)
            #expect(zip(seen, mask.values).allSatisfy { pair, drawn in drawn == 1 || pair.0 == pair.1 })
        }
        let finished = zip(loop.latents.values, image.values)
        #expect(zip(finished, mask.values).allSatisfy { pair, drawn in (drawn == 1) != (pair.0 == pair.1) })
    }

    @Test func startStepFollowsStrength() {
        #expect(SamplerKind.startStep(strength: 1, stepCount: 50) == 0)
        #expect(SamplerKind.startStep(strength: 0.6, stepCount: 50) == 20)
        #expect(SamplerKind.startStep(strength: 0.1, stepCount: 20) == 18)
        #expect(SamplerKind.startStep(strength: 0, stepCount: 20) == 19)
        #expect(SamplerKind.startStep(strength: 7, stepCount: 20) == 0)
    }

    @Test func stepCountsBeyondTheModelAreRefused() throws {
        let schedule = NoiseSchedule(.stableDiffusion1)
        for kind in SamplerKind.allCases {
            let most = kind == .lcm ? 50 : 999
            #expect(throws: SamplerError.stepCount(requested: 0, allowed: 1...most)) {
                try kind.makeSampler(schedule: schedule, stepCount: 0)
            }
            #expect(throws: SamplerError.stepCount(requested: most + 1, allowed: 1...most)) {
                try kind.makeSampler(schedule: schedule, stepCount: most + 1)
            }
            #expect(throws: SamplerError.startStep(requested: 5, stepCount: 5)) {
                try kind.makeSampler(schedule: schedule, stepCount: 5, startStep: 5)
            }
            let sampler = try kind.makeSampler(schedule: schedule, stepCount: most)
            #expect(sampler.timesteps.allSatisfy { (0...999).contains($0) })
        }
    }

    @Test func anOffsetBeyondTrainingIsRefused() throws {
        var configuration = SchedulerConfiguration.stableDiffusion1
        configuration.stepsOffset = 200
        #expect(throws: SamplerError.timestepBeyondTraining(timestep: 1100, trainTimestepCount: 1000)) {
            try SamplerKind.ddim.makeSampler(schedule: NoiseSchedule(configuration), stepCount: 10)
        }
    }

    @Test func rungeKuttaStepsAreRefused() throws {
        var configuration = SchedulerConfiguration.stableDiffusion1
        configuration.skipRungeKuttaSteps = false
        #expect(throws: SamplerError.rungeKuttaSteps) {
            try SamplerKind.pndm.makeSampler(schedule: NoiseSchedule(configuration), stepCount: 10)
        }
    }

    @Test func namesAreDistinctAndFoundAgain() {
        for kind in SamplerKind.allCases {
            #expect(SamplerKind(rawValue: kind.rawValue) == kind)
            #expect(SamplerKind(automatic1111Name: kind.automatic1111Name) == kind)
        }
        #expect(Set(SamplerKind.allCases.map(\.title)).count == SamplerKind.allCases.count)
        #expect(SamplerKind(automatic1111Name: "DPM fast") == nil)
    }

    private func configuration(_ kind: SamplerKind) -> SchedulerConfiguration {
        var configuration = SchedulerConfiguration.stableDiffusion1
        // The scripts leave Euler, DPM-Solver and UniPC at the spacing that is their own default.
        configuration.timestepSpacing = nil
        return configuration
    }

    private func schedule(_ kind: SamplerKind, predictionType: PredictionType) -> NoiseSchedule {
        var configuration = configuration(kind)
        configuration.predictionType = predictionType
        return NoiseSchedule(configuration)
    }

    private func channelsLast(_ name: String) throws -> Tensor {
        try fixture[name].transposed([0, 2, 3, 1])
    }

    /// The noise with its columns in reverse: an image that is not the noise.
    private func reversedNoise() throws -> Tensor {
        let noise = try fixture["noise"]
        let width = noise.shape[3]
        let values = noise.values
        let reversed = values.indices.map { values[$0 / width * width + (width - 1 - $0 % width)] }
        return Tensor(reversed, shape: noise.shape, in: noise.workspace).transposed([0, 2, 3, 1])
    }
}

/// Replays what PyTorch drew, in PyTorch's order.
struct RecordedNoise: RandomSource {
    private let values: [Float]?

    init(_ values: [Float]?) {
        self.values = values
    }

    mutating func normal(count: Int) -> [Float] {
        guard let values, values.count == count else {
            Issue.record("\(count) numbers were drawn, \(values?.count ?? 0) are recorded")
            return [Float](repeating: 0, count: count)
        }
        return values
    }
}
