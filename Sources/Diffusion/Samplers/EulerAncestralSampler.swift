import Tensors

/// Euler steps that go down further than needed and add fresh noise, as ancestral sampling of DDPM does (Ho et al.,
/// arXiv 2006.11239, Algorithm 2; the split of σ is k-diffusion's `get_ancestral_step` with η = 1).
///
///     σ_up² = σ'² (σ² - σ'²) / σ²,   σ_down² = σ'² - σ_up²
///     x' = x + (x - x̂_0) / σ · (σ_down - σ) + σ_up z,   z ~ N(0, 1)
///
/// | here | k-diffusion |
/// |---|---|
/// | `sigmas[step]`, `sigmas[step + 1]` | sigma_from = σ, sigma_to = σ' |
/// | `up`, `down` | sigma_up, sigma_down |
///
/// N steps need N evaluations and N - 1 draws of noise.
struct EulerAncestralSampler: Sampler {
    private let schedule: EulerSchedule

    /// Default spacing `linspace`.
    ///
    /// - Throws: ``SamplerError``.
    init(schedule: NoiseSchedule, stepCount: Int, startStep: Int) throws {
        self.schedule = try EulerSchedule(
            schedule: schedule, lastSigma: 0, stepCount: stepCount, startStep: startStep)
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
        let (from, to) = (Double(schedule.sigmas[step]), Double(schedule.sigmas[step + 1]))
        let upSquared = to * to * (from * from - to * to) / (from * from)
        let down = (to * to - upSquared).squareRoot()
        let lowered = schedule.stepped(step, latents: latents, prediction: prediction, to: down)
        guard upSquared > 0 else { return lowered }
        let noise = random.normal(shape: latents.shape, in: latents.workspace)
        return weightedSum((1, lowered), (upSquared.squareRoot(), noise))
    }

    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor {
        schedule.noised(original, noise: noise, step: step)
    }
}
