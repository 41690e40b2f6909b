import Foundation
import Tensors

/// DPM-Solver++ of second order, multistep (Lu et al., arXiv 2211.01095, Algorithm 2; "2M").
///
///     h = λ_t - λ_s,   r = (λ_s - λ_r) / h
///     D = (1 + 1 / 2r) x̂_s - (1 / 2r) x̂_r
///     x_t = (σ_t / σ_s) x_s - α_t (e^{-h} - 1) D
///
/// | here | paper |
/// |---|---|
/// | `levels[step]`, `levels[step + 1]` | s = t_{i-1}, t = t_i |
/// | `previousOriginal` | x̂_r = x_θ at t_{i-2} |
/// | ``NoiseLevel/alpha``, ``NoiseLevel/sigma``, ``NoiseLevel/logRatio`` | α, σ, λ |
///
/// The first step has no history and is of first order (D = x̂_s); so is the last one if it ends in a clean image,
/// or if there are fewer than 15 steps, where extrapolation is not stable. N steps need N evaluations.
struct DPMSolverMultistepSampler: Sampler {
    /// How the noise levels are spread.
    enum SigmaSpacing: Sendable {
        /// At the training timesteps that ``TimestepSpacing`` gives.
        case timesteps
        /// Evenly in σ^(1/7) (Karras et al., arXiv 2206.00364, equation 5, ρ = 7), at the nearest timesteps.
        case karras
    }

    let timesteps: [Float]
    let initialNoiseScale: Float = 1

    private let levels: [NoiseLevel]
    private let predictionType: PredictionType
    private let lastStepIsFirstOrder: Bool
    private var previousOriginal: Tensor?

    /// Default spacing `linspace`.
    ///
    /// - Throws: ``SamplerError``.
    init(
        schedule: NoiseSchedule, sigmaSpacing: SigmaSpacing, stepCount: Int, startStep: Int
    ) throws {
        let configuration = schedule.configuration
        let range = try StepRange(
            stepCount: stepCount, startStep: startStep, allowed: schedule.allowedStepCounts)
        let steps =
            switch sigmaSpacing {
            case .timesteps: try SigmaSteps(spacedIn: schedule, stepCount: range.stepCount)
            case .karras: SigmaSteps(karrasIn: schedule, stepCount: range.stepCount)
            }
        timesteps = Array(steps.timesteps.dropFirst(range.startStep))
        levels = steps.sigmas.dropFirst(range.startStep).map { NoiseLevel(sigmaToAlpha: Double($0)) }
        predictionType = configuration.predictionType
        lastStepIsFirstOrder = configuration.finalSigma == .zero || range.stepCount < 15
    }

    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor { latents }

    func predictedOriginal(step: Int, latents: Tensor, prediction: Tensor) -> Tensor {
        predictionType.original(at: levels[step]).applied(to: latents, prediction)
    }

    mutating func step(
        _ step: Int, latents: Tensor, prediction: Tensor, random: inout any RandomSource
    ) -> Tensor {
        let (now, next) = (levels[step], levels[step + 1])
        let original = predictedOriginal(step: step, latents: latents, prediction: prediction)
        defer { previousOriginal = original }
        let stride = next.logRatio - now.logRatio
        let kept = next.sigma / now.sigma
        let added = -next.alpha * expm1(-stride)
        let isFirstOrder = step == timesteps.count - 1 && lastStepIsFirstOrder
        guard let previousOriginal, !isFirstOrder else {
            return weightedSum((kept, latents), (added, original))
        }
        let slope = stride / (now.logRatio - levels[step - 1].logRatio) / 2
        return weightedSum(
            (kept, latents), (added * (1 + slope), original), (-added * slope, previousOriginal))
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        weightedSum((levels[step].alpha, original), (levels[step].sigma, noise))
    }
}
