import Foundation
import Tensors
import Weights

/// Stable Diffusion's autoencoder between images and latents.
///
/// Source: Rombach and others 2022, https://arxiv.org/abs/2112.10752, section 3.1.
/// Latents here are always scaled to about unit variance, as the denoiser sees them. Reference: diffusers'
/// `AutoencoderKL`.
public struct AutoencoderKL: Sendable {
    /// The sizes it was built with.
    public let configuration: AutoencoderConfiguration

    private let encoder: AutoencoderEncoder
    private let quantConvolution: Conv2d?
    private let postQuantConvolution: Conv2d?
    private let decoder: AutoencoderDecoder

    /// Builds both halves from diffusers' names; attention layers may have their older ones (`query`, `proj_attn`).
    ///
    /// - Throws: `WeightsError` if a tensor is missing, has another shape, or is left over.
    public init(_ scope: WeightScope, _ configuration: AutoencoderConfiguration) throws {
        let channels = configuration.latentChannels
        self.configuration = configuration
        encoder = try AutoencoderEncoder(scope.scope("encoder"), configuration)
        // Twice the channels: means and log-variances.
        quantConvolution =
            configuration.hasQuantConvolution
            ? try Conv2d(scope.scope("quant_conv"), inputs: channels * 2, outputs: channels * 2, kernel: 1)
            : nil
        postQuantConvolution =
            configuration.hasPostQuantConvolution
            ? try Conv2d(scope.scope("post_quant_conv"), inputs: channels, outputs: channels, kernel: 1) : nil
        decoder = try AutoencoderDecoder(scope.scope("decoder"), configuration)
        try scope.finish(ignoring: [])
    }

    /// The distribution of an image's latents.
    ///
    /// - Parameter image: [batch, height, width, 3], -1 to 1; height and width are multiples of
    ///   ``AutoencoderConfiguration/pixelsPerLatent``.
    /// - Throws: `CancellationError` between blocks.
    public func encode(_ image: Tensor) throws -> LatentDistribution {
        let multiple = configuration.pixelsPerLatent
        precondition(
            image.shape.count == 4 && image.shape[3] == configuration.imageChannels
                && image.shape[1] % multiple == 0 && image.shape[2] % multiple == 0,
            "an image of shape \(image.shape) has no \(configuration.imageChannels) channels, or sides that are not "
                + "multiples of \(multiple)")
        let encoded = try encoder(image)
        return LatentDistribution(
            moments: quantConvolution?(encoded) ?? encoded, scalingFactor: configuration.scalingFactor)
    }

    /// The image of latents.
    ///
    /// - Parameter latents: [batch, height, width, 4], unit variance.
    /// - Returns: [batch, 8 height, 8 width, 3], about -1 to 1 but not clamped.
    /// - Throws: `CancellationError` between blocks.
    public func decode(_ latents: Tensor) throws -> Tensor {
        precondition(
            latents.shape.count == 4 && latents.shape[3] == configuration.latentChannels,
            "latents of shape \(latents.shape) have not \(configuration.latentChannels) channels")
        let scaled = latents * (1 / configuration.scalingFactor)
        return try decoder(postQuantConvolution?(scaled) ?? scaled)
    }
}

/// An image's latents: a normal distribution for each, independent of the others.
public struct LatentDistribution: Sendable {
    /// [batch, height, width, 4], unit variance.
    public let mean: Tensor
    /// [batch, height, width, 4], in the same unit.
    public let standardDeviation: Tensor

    /// - Parameter moments: means, then log-variances, along the last axis; neither scaled.
    init(moments: Tensor, scalingFactor: Float) {
        let channels = moments.shape[3] / 2
        let shape = Array(moments.shape.dropLast()) + [channels]
        func split(from first: Int, _ transform: (Float) -> Float) -> Tensor {
            Tensor(shape: shape, in: moments.workspace) { output in
                moments.withUnsafeBuffer { input in
                    for index in 0..<output.count {
                        let value = input[index / channels * channels * 2 + first + index % channels]
                        output[index] = transform(value) * scalingFactor
                    }
                }
            }
        }
        mean = split(from: 0) { $0 }
        // The reference clamps log-variances to this range (diffusers, `DiagonalGaussianDistribution`).
        standardDeviation = split(from: channels) { exp(0.5 * min(max($0, -30), 20)) }
    }

    /// Latents drawn with given noise.
    ///
    /// - Parameter noise: [batch, height, width, 4], standard normal.
    public func sample(noise: Tensor) -> Tensor {
        standardDeviation * noise + mean
    }
}
