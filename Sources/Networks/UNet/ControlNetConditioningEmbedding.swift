import Tensors
import Weights

/// A picture at the size of the latents: convolutions with SiLU between them, every second of which halves the sides.
///
/// Source: Zhang and others 2023, https://arxiv.org/abs/2302.05543, section 3.2; the kernels of 3 × 3 are those of
/// diffusers' `ControlNetConditioningEmbedding` and of the released files.
struct ControlNetConditioningEmbedding: Sendable {
    private let convIn: Conv2d
    private let blocks: [Conv2d]
    private let convOut: Conv2d

    /// - Parameter outputs: channels of the UNet's first level.
    init(_ scope: WeightScope, _ configuration: ControlNetConfiguration, outputs: Int) throws {
        func conv(_ name: String, _ inputs: Int, _ outputs: Int, stride: Int = 1) throws -> Conv2d {
            try Conv2d(
                scope.scope(name), inputs: inputs, outputs: outputs, kernel: 3, stride: stride,
                padding: Padding(1))
        }
        let widths = configuration.embeddingChannels
        convIn = try conv("conv_in", configuration.pictureChannels, widths[0])
        blocks = try zip(widths, widths.dropFirst()).enumerated().flatMap { level, pair in
            [
                try conv("blocks.\(2 * level)", pair.0, pair.0),
                try conv("blocks.\(2 * level + 1)", pair.0, pair.1, stride: 2),
            ]
        }
        convOut = try conv("conv_out", widths[widths.count - 1], outputs)
    }

    /// - Parameter picture: [batch, height, width, channels], 0 to 1.
    /// - Returns: [batch, height', width', outputs].
    func callAsFunction(_ picture: Tensor) -> Tensor {
        var hiddenStates = silu(convIn(picture))
        for block in blocks { hiddenStates = silu(block(hiddenStates)) }
        return convOut(hiddenStates)
    }
}
