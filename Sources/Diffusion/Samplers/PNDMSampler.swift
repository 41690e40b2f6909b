import Tensors

/// Pseudo linear multistep sampling (Liu et al., arXiv 2202.09778), the form without Runge–Kutta steps that Stable
/// Diffusion calls PLMS.
///
/// The noise of the last four evaluations is extrapolated (equation 12, Adams–Bashforth)
///
///     e' = (55 e_t - 59 e_{t+δ} + 37 e_{t+2δ} - 9 e_{t+3δ}) / 24
///
/// and moves the latents along the transfer function (equation 11)
///
///     x_{t-δ} = √(ᾱ_{t-δ} / ᾱ_t) x_t - (ᾱ_{t-δ} - ᾱ_t) e' / (√ᾱ_t (√((1 - ᾱ_{t-δ}) ᾱ_t) + √((1 - ᾱ_t) ᾱ_{t-δ})))
///
/// | here | paper |
/// |---|---|
/// | `noises`, newest last | e_{t+3δ} … e_t |
/// | `stride` | δ |
/// | `transferred` | φ(x_t, e', t, t - δ) |
///
/// With one to three evaluations behind it the extrapolation has lower order. The very first step is taken twice:
/// the second evaluation, at its end point, is averaged with the first and the step is repeated from where it began
/// (Heun's method). So **N steps need N + 1 evaluations**, and `timesteps[1] == timesteps[2]`.
///
/// When a walk begins in the middle (`startStep` > 0), the doubled evaluation moves with it. diffusers slices the
/// list of a full walk instead, which loses the doubled entry and leaves the latents one step noisier than the
/// network is told.
struct PNDMSampler: Sampler {
    let timesteps: [Float]
    let initialNoiseScale: Float = 1

    private let schedule: NoiseSchedule
    private let stride: Int
    private let finalLevel: NoiseLevel
    private var noises: [Tensor] = []
    private var firstLatents: Tensor?

    /// Default spacing `leading`; `set_alpha_to_one` false.
    ///
    /// - Throws: ``SamplerError``.
    init(schedule: NoiseSchedule, stepCount: Int, startStep: Int) throws {
        let configuration = schedule.configuration
        guard configuration.skipRungeKuttaSteps != false else { throw SamplerError.rungeKuttaSteps }
        let range = try StepRange(
            stepCount: stepCount, startStep: startStep, allowed: schedule.allowedStepCounts)
        let spaced = (configuration.timestepSpacing ?? .leading).timesteps(
            stepCount: range.stepCount, trainTimestepCount: configuration.trainTimestepCount,
            offset: configuration.stepsOffset)
        try schedule.validate(spaced)
        let steps = spaced.dropFirst(range.startStep).map { $0.rounded(.toNearestOrEven) }
        let evaluations = steps.count > 1 ? [steps[0], steps[1]] + steps.dropFirst() : steps
        self.schedule = schedule
        timesteps = evaluations.map { Float($0) }
        stride = configuration.trainTimestepCount / range.stepCount
        finalLevel = schedule.finalLevel(setAlphaToOne: configuration.setAlphaToOne ?? false)
    }

    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor { latents }

    func predictedOriginal(step: Int, latents: Tensor, prediction: Tensor) -> Tensor {
        schedule.configuration.predictionType.original(at: level(at: Int(timesteps[step])))
            .applied(to: latents, prediction)
    }

    mutating func step(
        _ step: Int, latents: Tensor, prediction: Tensor, random: inout any RandomSource
    ) -> Tensor {
        let timestep = Int(timesteps[step])
        if step == 1, let firstLatents, let firstNoise = noises.last {
            self.firstLatents = nil
            let mean = weightedSum((0.5, firstNoise), (0.5, prediction))
            return transferred(firstLatents, mean, from: timestep + stride, to: timestep)
        }
        if step == 0 { firstLatents = latents }
        noises = noises.suffix(3) + [prediction]
        return transferred(latents, extrapolated(), from: timestep, to: timestep - stride)
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        let level = level(at: Int(timesteps[step]))
        return weightedSum((level.alpha, original), (level.sigma, noise))
    }

    /// The prediction for the coming step, of the highest order that the history allows.
    private func extrapolated() -> Tensor {
        let e = noises
        switch e.count {
        case 1: return e[0]
        case 2: return weightedSum((3 / 2, e[1]), (-1 / 2, e[0]))
        case 3: return weightedSum((23 / 12, e[2]), (-16 / 12, e[1]), (5 / 12, e[0]))
        default: return weightedSum((55 / 24, e[3]), (-59 / 24, e[2]), (37 / 24, e[1]), (-9 / 24, e[0]))
        }
    }

    private func transferred(_ latents: Tensor, _ prediction: Tensor, from timestep: Int, to next: Int)
        -> Tensor
    {
        let now = level(at: min(timestep, schedule.alphasCumprod.count - 1))
        let later = next >= 0 ? level(at: next) : finalLevel
        let noise = schedule.configuration.predictionType.noise(at: now)
        let change = later.alpha * later.alpha - now.alpha * now.alpha
        let noiseWeight =
            -change / (now.alpha * (now.alpha * later.sigma + now.sigma * later.alpha))
        return weightedSum(
            (later.alpha / now.alpha + noiseWeight * noise.latents, latents),
            (noiseWeight * noise.prediction, prediction))
    }
    /// The transfer divides by √ᾱ, so a last timestep of pure noise keeps the trace of an image that
    /// ``NoiseSchedule/trainingSigmas()`` gives it.
    private func level(at timestep: Int) -> NoiseLevel {
        NoiseLevel(alphaCumprod: Double(NoiseSchedule.nonZero(schedule.alphasCumprod[timestep])))
    }
}
