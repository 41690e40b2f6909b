import Tensors

/// Euler's method on the probability flow (Karras et al., arXiv 2206.00364, Algorithm 1 with S_churn = 0 and without
/// the second-order correction).
///
///     x' = x + (x - x̂_0) / σ · (σ' - σ)
///
/// | here | paper |
/// |---|---|
/// | `sigmas[step]`, `sigmas[step + 1]` | σ = t_i, σ' = t_{i+1} |
/// | predicted original | x̂_0 = D_θ(x; σ) |
///
/// N steps need N evaluations, at timesteps that need not be whole numbers.
struct EulerSampler: Sampler {
    private let schedule: EulerSchedule

    /// Default spacing `linspace`.
    ///
    /// - Throws: ``SamplerError``.
    init(schedule: NoiseSchedule, stepCount: Int, startStep: Int) throws {
        self.schedule = try EulerSchedule(
            schedule: schedule, lastSigma: schedule.lastSigma(schedule.trainingSigmas()),
            stepCount: stepCount,
            startStep: startStep)
    }

    var timesteps: [Float] { schedule.timesteps }

    var initialNoiseScale: Float { schedule.initialNoiseScale }

    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor {
        schedule.scaleModelInput(latents, step: step)
    }

    func predictedOriginal(step: Int, latents: Tensor, prediction: Tensor) -> Tensor {
        schedule.original(step).applied(to: latents, prediction)
    }

    mutating func step(
        _ step: Int, latents: Tensor, prediction: Tensor, random: inout any RandomSource
    ) -> Tensor {
        let sigma = Double(schedule.sigmas[step + 1])
        return schedule.stepped(step, latents: latents, prediction: prediction, to: sigma)
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        schedule.noised(original, noise: noise, step: step)
    }
}
