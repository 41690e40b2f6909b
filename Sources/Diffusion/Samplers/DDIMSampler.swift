import Tensors

/// Denoising diffusion implicit models (Song et al., arXiv 2010.02502), deterministic (η = 0).
///
///     x_{t-δ} = √ᾱ_{t-δ} · x̂_0 + √(1 - ᾱ_{t-δ}) · ε̂                       (equation 12 with σ_t = 0)
///
/// | here | paper (its α_t is ᾱ_t here) |
/// |---|---|
/// | `original` | f_θ(x_t) = x̂_0, "predicted x_0" |
/// | `noise` | ε_θ(x_t) = ε̂ |
/// | `stride` | δ, the training timesteps between two steps |
///
/// N steps need N evaluations.
struct DDIMSampler: Sampler {
    let timesteps: [Float]
    let initialNoiseScale: Float = 1

    private let schedule: NoiseSchedule
    private let stride: Int
    private let finalLevel: NoiseLevel

    /// Default spacing `leading`; `set_alpha_to_one` true.
    ///
    /// - Throws: ``SamplerError``.
    init(schedule: NoiseSchedule, stepCount: Int, startStep: Int) throws {
        let configuration = schedule.configuration
        let range = try StepRange(
            stepCount: stepCount, startStep: startStep, allowed: schedule.allowedStepCounts)
        let spaced = (configuration.timestepSpacing ?? .leading).timesteps(
            stepCount: range.stepCount, trainTimestepCount: configuration.trainTimestepCount,
            offset: configuration.stepsOffset)
        try schedule.validate(spaced)
        self.schedule = schedule
        timesteps = spaced.dropFirst(range.startStep).map { Float($0.rounded(.toNearestOrEven)) }
        stride = configuration.trainTimestepCount / range.stepCount
        finalLevel = schedule.finalLevel(setAlphaToOne: configuration.setAlphaToOne ?? true)
    }

    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor { latents }

    func predictedOriginal(step: Int, latents: Tensor, prediction: Tensor) -> Tensor {
        let configuration = schedule.configuration
        let original = configuration.predictionType.original(at: level(step)).applied(to: latents, prediction)
        return configuration.clipSample ? clamped(original, to: configuration.clipSampleRange) : original
    }

    mutating func step(
        _ step: Int, latents: Tensor, prediction: Tensor, random: inout any RandomSource
    ) -> Tensor {
        let original = predictedOriginal(step: step, latents: latents, prediction: prediction)
        let noise = schedule.configuration.predictionType.noise(at: level(step))
        let next = Int(timesteps[step]) - stride
        let later = next >= 0 ? schedule.level(at: next) : finalLevel
        return weightedSum(
            (later.alpha, original), (later.sigma * noise.latents, latents),
            (later.sigma * noise.prediction, prediction))
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        weightedSum((level(step).alpha, original), (level(step).sigma, noise))
    }

    private func level(_ step: Int) -> NoiseLevel { schedule.level(at: Int(timesteps[step])) }
}

/// Every element limited to ± `bound`.
func clamped(_ tensor: Tensor, to bound: Double) -> Tensor {
    let bound = Float(bound)
    return Tensor(shape: tensor.shape, in: tensor.workspace) { result in
        tensor.withUnsafeBuffer { values in
            for index in values.indices { result[index] = min(max(values[index], -bound), bound) }
        }
    }
}
