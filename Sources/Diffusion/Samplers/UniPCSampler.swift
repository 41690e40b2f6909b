import Foundation
import Tensors

/// A unified predictor and corrector (Zhao et al., arXiv 2302.04867, Algorithms 1 and 2) of second order, in the
/// data-prediction form with B(h) = e^{h'} - 1, h' = -h (their "bh2").
///
///     predict  x_t = (σ_t / σ_s) x_s - α_t (e^{h'} - 1) x̂_s - α_t B(h) · ½ D
///     correct  x_t = (σ_t / σ_s) x_s - α_t (e^{h'} - 1) x̂_s - α_t B(h) (ρ_1 D + ρ_2 (x̂_t - x̂_s))
///              D = (x̂_r - x̂_s) / r,   h = λ_t - λ_s,   r = (λ_r - λ_s) / h
///
/// The corrector needs no evaluation of its own: it uses the one the next step makes anyway, at the predicted point.
///
/// | here | paper |
/// |---|---|
/// | `originals`, newest last | x̂_r = x_θ at t_{i-2}, x̂_s at t_{i-1} |
/// | ``NoiseLevel/alpha``, ``NoiseLevel/sigma``, ``NoiseLevel/logRatio`` | α, σ, λ |
/// | `Interval` | what depends on s, t and r only |
///
/// First and last step are of first order (no D). N steps need N evaluations.
struct UniPCSampler: Sampler {
    let timesteps: [Float]
    let initialNoiseScale: Float = 1

    private let levels: [NoiseLevel]
    private let predictionType: PredictionType
    private var originals: [Tensor] = []
    private var previousLatents: Tensor?
    private var previousOrder = 1

    /// Default spacing `linspace`.
    ///
    /// - Throws: ``SamplerError``.
    init(schedule: NoiseSchedule, stepCount: Int, startStep: Int) throws {
        let range = try StepRange(
            stepCount: stepCount, startStep: startStep, allowed: schedule.allowedStepCounts)
        let steps = try SigmaSteps(spacedIn: schedule, stepCount: range.stepCount)
        timesteps = Array(steps.timesteps.dropFirst(range.startStep))
        levels = steps.sigmas.dropFirst(range.startStep).map { NoiseLevel(sigmaToAlpha: Double($0)) }
        predictionType = schedule.configuration.predictionType
    }

    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor { latents }

    func predictedOriginal(step: Int, latents: Tensor, prediction: Tensor) -> Tensor {
        predictionType.original(at: levels[step]).applied(to: latents, prediction)
    }

    mutating func step(
        _ step: Int, latents: Tensor, prediction: Tensor, random: inout any RandomSource
    ) -> Tensor {
        let original = predictedOriginal(step: step, latents: latents, prediction: prediction)
        var corrected = latents
        if let previousLatents {
            corrected = correctedLatents(step, from: previousLatents, original: original)
        }
        originals = originals.suffix(1) + [original]
        previousLatents = corrected
        previousOrder = min(2, timesteps.count - step, originals.count)
        return predictedLatents(step + 1, from: corrected, order: previousOrder)
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        weightedSum((levels[step].alpha, original), (levels[step].sigma, noise))
    }

    private func predictedLatents(_ step: Int, from latents: Tensor, order: Int) -> Tensor {
        let interval = Interval(from: levels[step - 1], to: levels[step])
        let newest = originals[originals.count - 1]
        guard order == 2 else { return weightedSum((interval.kept, latents), (interval.added, newest)) }
        let slope = 0.5 / interval.ratio(of: levels[step - 2])
        return weightedSum(
            (interval.kept, latents), (interval.added * (1 - slope), newest),
            (interval.added * slope, originals[0]))
    }

    /// The latents at `step` once more, now that the network has been asked there.
    private func correctedLatents(_ step: Int, from latents: Tensor, original: Tensor) -> Tensor {
        let interval = Interval(from: levels[step - 1], to: levels[step])
        let newest = originals[originals.count - 1]
        guard previousOrder == 2 else {
            return weightedSum(
                (interval.kept, latents), (interval.added * 0.5, newest), (interval.added * 0.5, original))
        }
        let ratio = interval.ratio(of: levels[step - 2])
        let (older, current) = interval.correctorWeights(ratio: ratio)
        return weightedSum(
            (interval.kept, latents), (interval.added * (1 - older / ratio - current), newest),
            (interval.added * older / ratio, originals[0]), (interval.added * current, original))
    }
}

/// The exponential integrator between two noise levels.
private struct Interval {
    private let start: Double
    private let stride: Double
    /// σ_t / σ_s.
    let kept: Double
    /// -α_t (e^{h'} - 1), which is also -α_t B(h).
    let added: Double

    init(from: NoiseLevel, to: NoiseLevel) {
        start = from.logRatio
        stride = to.logRatio - from.logRatio
        kept = to.sigma / from.sigma
        added = -to.alpha * expm1(-stride)
    }

    /// r: where an older level lies, in units of this interval (negative).
    func ratio(of older: NoiseLevel) -> Double { (older.logRatio - start) / stride }

    /// ρ_1 and ρ_2, the solution of R ρ = b (arXiv 2302.04867, equation 9) for two points at r and 1.
    func correctorWeights(ratio: Double) -> (older: Double, current: Double) {
        let exponent = -stride
        let growth = expm1(exponent)
        let phi1 = growth / exponent - 1
        let phi2 = phi1 / exponent - 0.5
        let (b1, b2) = (phi1 / growth, 2 * phi2 / growth)
        let older = (b1 - b2) / (1 - ratio)
        return (older, b1 - older)
    }
}
