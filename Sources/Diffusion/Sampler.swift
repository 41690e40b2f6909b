import Tensors

/// An algorithm that walks from noise to latents of an image, asking a network for its prediction at each step.
///
/// A sampler knows no network and no guidance: ``DenoisingLoop`` hands it predictions. It is a value that carries the
/// history its order needs, so a copy is a checkpoint of the walk.
///
/// Steps are numbered by network evaluations: step `i` evaluates the network at `timesteps[i]`. Most samplers
/// evaluate once a step that the user asked for; PNDM evaluates once more (see ``PNDMSampler``). Steps are taken
/// in order, each once.
///
/// Latents and predictions are [batch, height, width, channels].
public protocol Sampler: Sendable {
    /// The timestep to hand the network at each evaluation, falling; not always whole numbers (Euler).
    var timesteps: [Float] { get }

    /// The standard deviation of the latents at the first step: multiply unit noise by it to begin.
    var initialNoiseScale: Float { get }

    /// What to show the network instead of the latents at a step.
    func scaleModelInput(_ latents: Tensor, step: Int) -> Tensor

    /// The image that the network sees in the latents at a step: x_0, for a live preview.
    ///
    /// - Parameter prediction: the network's output at this step.
    func predictedOriginal(step: Int, latents: Tensor, prediction: Tensor) -> Tensor

    /// The latents of the next step.
    ///
    /// - Parameters:
    ///   - prediction: the network's output for `scaleModelInput(latents, step: step)` at `timesteps[step]`.
    ///   - random: where stochastic samplers draw their noise; the others leave it untouched.
    mutating func step(
        _ step: Int, latents: Tensor, prediction: Tensor, random: inout any RandomSource
    ) -> Tensor

    /// An image's latents with the noise that belongs to a step: where a picture given by the user enters the walk.
    ///
    /// - Parameter noise: standard normal numbers, of the latents' shape.
    func noised(_ original: Tensor, noise: Tensor, step: Int) -> Tensor
}
