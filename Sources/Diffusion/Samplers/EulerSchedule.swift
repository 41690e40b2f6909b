import Tensors

/// What Euler and Euler ancestral share: latents of the form x = x_0 + σ ε, their steps and their scaling.
///
/// The "variance exploding" view of Karras et al. (arXiv 2206.00364): the image keeps its size while the noise
/// grows, σ = √((1 - ᾱ) / ᾱ). The network was trained on unit variance, so it is shown x / √(σ² + 1) (their c_in).
struct EulerSchedule: Sendable {
    let timesteps: [Float]
    /// σ at each step, and after the last.
    let sigmas: [Float]
    let initialNoiseScale: Float
    private let predictionType: PredictionType

    /// Default spacing `linspace`, whose timesteps may fall between two training timesteps.
    init(schedule: NoiseSchedule, lastSigma: Double, stepCount: Int, startStep: Int) throws {
        let configuration = schedule.configuration
        let range = try StepRange(
            stepCount: stepCount, startStep: startStep, allowed: schedule.allowedStepCounts)
        let spacing = configuration.timestepSpacing ?? .linspace
        let spaced = spacing.timesteps(
            stepCount: range.stepCount, trainTimestepCount: configuration.trainTimestepCount,
            offset: configuration.stepsOffset)
        try schedule.validate(spaced)
        timesteps = spaced.dropFirst(range.startStep).map { Float($0) }
        let training = schedule.trainingSigmas()
        let inner = timesteps.map { Float(schedule.interpolatedSigma(at: Double($0), training)) }
        sigmas = inner + [Float(lastSigma)]
        initialNoiseScale = spacing == .leading ? (inner[0] * inner[0] + 1).squareRoot() : inner[0]
        predictionType = configuration.predictionType
    }

    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor {
        weightedSum((level(step).alpha, latents))
    }

    /// The weights that give x_0 from latents of this form: unit-variance latents are alpha · x.
    func original(_ step: Int) -> PredictionWeights {
        let weights = predictionType.original(at: level(step))
        return PredictionWeights(latents: weights.latents * level(step).alpha, prediction: weights.prediction)
    }

    /// The Euler step dx/dσ = (x - x_0) / σ (arXiv 2206.00364, Algorithm 1 without its correction) down to a σ.
    func stepped(_ step: Int, latents: Tensor, prediction: Tensor, to sigma: Double) -> Tensor {
        let kept = sigma / Double(sigmas[step])
        let original = original(step)
        return weightedSum(
            (kept + (1 - kept) * original.latents, latents), ((1 - kept) * original.prediction, prediction))
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        weightedSum((1, original), (Double(sigmas[step]), noise))
    }

    private func level(_ step: Int) -> NoiseLevel { NoiseLevel(sigmaToAlpha: Double(sigmas[step])) }
}
