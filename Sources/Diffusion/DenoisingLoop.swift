import Tensors

/// The walk from noise to an image's latents, pulled step by step.
///
///     var loop = DenoisingLoop(sampler: sampler, noise: noise, random: random) { latents, timestep, step in
///         try guidance.prediction(conditional: { … }, unconditional: { … })
///     }
///     while let step = try loop.next() { show(step.predictedOriginal) }
///     let image = try vae.decode(loop.latents)
///
/// Nothing runs between two calls of ``next()``: to stop is to stop pulling. The loop is a value, so a copy taken
/// between two steps can be continued later and gives the same bits.
public struct DenoisingLoop {
    /// Asks the network: scaled latents [batch, height, width, channels], the timestep and the number of the
    /// evaluation in; the prediction, of the latents' shape, out.
    public typealias Denoiser = (_ latents: Tensor, _ timestep: Float, _ step: Int) throws -> Tensor

    /// The latents so far: after the last step, those of the finished image.
    public private(set) var latents: Tensor
    /// The evaluation that the next pull makes, from 0; ``stepCount`` when finished.
    public private(set) var nextStep = 0

    private var sampler: any Sampler
    private var random: any RandomSource
    private let denoiser: Denoiser
    private let kept: KeptRegion?

    /// A walk from pure noise.
    ///
    /// - Parameters:
    ///   - sampler: fresh from ``SamplerKind/makeSampler(schedule:stepCount:startStep:)``.
    ///   - noise: standard normal numbers, [batch, height, width, channels].
    ///   - random: further noise for the stochastic samplers.
    ///   - denoiser: the network, with guidance and conditions.
    public init(
        sampler: any Sampler, noise: Tensor, random: any RandomSource, denoiser: @escaping Denoiser
    ) {
        self.init(
            sampler: sampler, latents: weightedSum((Double(sampler.initialNoiseScale), noise)),
            kept: nil, random: random, denoiser: denoiser)
    }

    /// A walk that redraws a given image: its latents enter with the noise of the sampler's first step.
    ///
    /// - Parameter mask: 1 where the image is redrawn, 0 where it stays, of the latents' shape; `nil` redraws all of it.
    public init(
        sampler: any Sampler, redrawing original: Tensor, within mask: Tensor? = nil, noise: Tensor,
        random: any RandomSource, denoiser: @escaping Denoiser
    ) {
        self.init(
            sampler: sampler, latents: sampler.noised(original, noise: noise, step: 0),
            kept: mask.map { KeptRegion(original: original, noise: noise, redrawn: $0) },
            random: random, denoiser: denoiser)
    }

    private init(
        sampler: any Sampler, latents: Tensor, kept: KeptRegion?, random: any RandomSource,
        denoiser: @escaping Denoiser
    ) {
        self.kept = kept
        self.sampler = sampler
        self.latents = latents
        self.random = random
        self.denoiser = denoiser
    }

    /// All evaluations of the walk.
    public var stepCount: Int { sampler.timesteps.count }

    /// Makes the next evaluation and step; `nil` when the walk is finished.
    ///
    /// - Throws: what the denoiser throws, ``SamplerError/predictionNotFinite(step:)``, or `CancellationError` if the
    ///   workspace was cancelled. The loop then stands where it stood before.
    public mutating func next() throws -> DenoisingStep? {
        let step = nextStep
        guard step < stepCount else { return nil }
        try latents.workspace.checkCancellation()
        let timestep = sampler.timesteps[step]
        let prediction = try denoiser(sampler.scaleModelInput(latents, step: step), timestep, step)
        guard prediction.withUnsafeBuffer({ $0.allSatisfy(\.isFinite) }) else {
            throw SamplerError.predictionNotFinite(step: step)
        }
        var original = sampler.predictedOriginal(step: step, latents: latents, prediction: prediction)
        latents = sampler.step(step, latents: latents, prediction: prediction, random: &random)
        nextStep += 1
        if let kept {
            original = kept.restored(in: original, noisyFor: nil, of: sampler)
            latents = kept.restored(in: latents, noisyFor: nextStep < stepCount ? nextStep : nil, of: sampler)
        }
        return DenoisingStep(
            step: step, stepCount: stepCount, timestep: timestep, latents: latents,
            predictedOriginal: original)
    }
}

/// The part of a picture that a walk leaves as it was.
///
/// The network sees it at every step with the noise that belongs there, so that what it paints fits in (Lugmayr and
/// others, "RePaint", arXiv 2201.09865, without its jumps back; diffusers' inpainting of UNets with four channels).
private struct KeptRegion {
    let original: Tensor
    let noise: Tensor
    /// 1 where the walk's own latents count.
    let redrawn: Tensor

    /// The latents with the picture's own where nothing is redrawn, noisy for that step, or clean.
    func restored(in latents: Tensor, noisyFor step: Int?, of sampler: any Sampler) -> Tensor {
        let kept = step.map { sampler.noised(original, noise: noise, step: $0) } ?? original
        return kept + (latents - kept) * redrawn
    }
}

/// One step of a ``DenoisingLoop``.
public struct DenoisingStep: Sendable {
    /// The evaluation just made, from 0.
    public let step: Int
    /// All evaluations of the walk.
    public let stepCount: Int
    /// The timestep that the network was told.
    public let timestep: Float
    /// The latents after the step, [batch, height, width, channels]; the finished ones after the last step.
    public let latents: Tensor
    /// The image that the network saw in the noise, as latents of that shape: for a live preview.
    public let predictedOriginal: Tensor
}
