import Foundation
import Tensors

/// Multistep consistency sampling of latent consistency models (Luo et al., arXiv 2310.04378, Algorithm 3).
///
///     z_0 = c_skip(t) x_t + c_out(t) x̂_0
///     x_s = √ᾱ_s · z_0 + √(1 - ᾱ_s) · ε,   ε ~ N(0, 1), fresh at each step
///     c_skip(t) = σ_d² / ((k t)² + σ_d²),   c_out(t) = k t / √((k t)² + σ_d²),   σ_d = 0.5
///
/// | here | paper |
/// |---|---|
/// | `timestepScaling` | k, the scaling of t in the boundary condition (section 4.1) |
/// | `predictedOriginal` | z_0, the consistency function f_θ |
/// | `original_inference_steps` | the steps of the teacher's solver, N / k in section 4.3 |
///
/// The last step adds no noise. N steps need N evaluations and N - 1 draws of noise. The timesteps are a subset of
/// those the model was distilled on; the configuration's spacing and offset do not apply.
struct LCMSampler: Sampler {
    let timesteps: [Float]
    let initialNoiseScale: Float = 1

    private let schedule: NoiseSchedule

    /// - Throws: ``SamplerError``.
    init(schedule: NoiseSchedule, stepCount: Int, startStep: Int) throws {
        let configuration = schedule.configuration
        let originalSteps = min(configuration.originalInferenceSteps, configuration.trainTimestepCount)
        let range = try StepRange(stepCount: stepCount, startStep: startStep, allowed: 1...originalSteps)
        let stride = configuration.trainTimestepCount / originalSteps
        let distilled = (1...originalSteps).reversed().map { $0 * stride - 1 }
        let spread = Double(originalSteps) / Double(range.stepCount)
        self.schedule = schedule
        timesteps = (range.startStep..<range.stepCount).map { Float(distilled[Int(Double($0) * spread)]) }
    }

    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor { latents }

    func predictedOriginal(step: Int, latents: Tensor, prediction: Tensor) -> Tensor {
        let configuration = schedule.configuration
        let estimate = configuration.predictionType.original(at: level(step)).applied(to: latents, prediction)
        let original =
            configuration.clipSample ? clamped(estimate, to: configuration.clipSampleRange) : estimate
        let dataVariance = 0.25
        let time = Double(timesteps[step]) * configuration.timestepScaling
        let skip = dataVariance / (time * time + dataVariance)
        let out = time / (time * time + dataVariance).squareRoot()
        return weightedSum((skip, latents), (out, original))
    }

    mutating func step(
        _ step: Int, latents: Tensor, prediction: Tensor, random: inout any RandomSource
    ) -> Tensor {
        let original = predictedOriginal(step: step, latents: latents, prediction: prediction)
        guard step + 1 < timesteps.count else { return original }
        let noise = random.normal(shape: latents.shape, in: latents.workspace)
        return noised(original, noise: noise, step: step + 1)
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        weightedSum((level(step).alpha, original), (level(step).sigma, noise))
    }

    private func level(_ step: Int) -> NoiseLevel { schedule.level(at: Int(timesteps[step])) }
}
