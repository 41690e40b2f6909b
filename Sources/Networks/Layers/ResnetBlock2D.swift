import Tensors
import Weights

/// Two convolutions with group norm and SiLU before each, around a shortcut (diffusers' `ResnetBlock2D`).
///
/// In the UNet the time embedding is added between them; the autoencoder's blocks have no time.
struct ResnetBlock2D: Sendable {
    private let norm1: GroupNorm
    private let conv1: Conv2d
    private let timeProjection: Linear?
    private let norm2: GroupNorm
    private let conv2: Conv2d
    private let shortcut: Conv2d?

    /// The sizes of one block.
    struct Sizes {
        let inputs: Int
        let outputs: Int
        let groupCount: Int
        let epsilon: Float
    }

    /// A block of the UNet.
    init(_ scope: WeightScope, _ sizes: Sizes, timeEmbeddingDimension: Int) throws {
        let timeProjection = try Linear(
            scope.scope("time_emb_proj"), inputs: timeEmbeddingDimension, outputs: sizes.outputs)
        try self.init(scope, sizes, timeProjection: timeProjection)
    }

    /// A block of the autoencoder.
    init(_ scope: WeightScope, _ sizes: Sizes) throws {
        try self.init(scope, sizes, timeProjection: nil)
    }

    private init(_ scope: WeightScope, _ sizes: Sizes, timeProjection: Linear?) throws {
        let (inputs, outputs) = (sizes.inputs, sizes.outputs)
        norm1 = try GroupNorm(
            scope.scope("norm1"), groupCount: sizes.groupCount, channels: inputs, epsilon: sizes.epsilon)
        conv1 = try Conv2d(
            scope.scope("conv1"), inputs: inputs, outputs: outputs, kernel: 3, stride: 1, padding: Padding(1))
        self.timeProjection = timeProjection
        norm2 = try GroupNorm(
            scope.scope("norm2"), groupCount: sizes.groupCount, channels: outputs, epsilon: sizes.epsilon)
        conv2 = try Conv2d(
            scope.scope("conv2"), inputs: outputs, outputs: outputs, kernel: 3, stride: 1, padding: Padding(1)
        )
        shortcut =
            inputs == outputs
            ? nil : try Conv2d(scope.scope("conv_shortcut"), inputs: inputs, outputs: outputs, kernel: 1)
    }

    /// - Parameters:
    ///   - x: [batch, height, width, inputs].
    ///   - activatedTime: the time embedding behind SiLU, [1 or batch, 4 C]; nil in the autoencoder.
    /// - Returns: [batch, height, width, outputs].
    func callAsFunction(_ x: Tensor, activatedTime: Tensor?) -> Tensor {
        var hiddenStates = conv1(norm1.thenSiLU(x))
        switch (timeProjection, activatedTime) {
        case (let timeProjection?, let activatedTime?):
            let time = timeProjection(activatedTime)
            hiddenStates = hiddenStates + time.reshaped([time.shape[0], 1, 1, time.shape[1]])
        case (nil, nil): break
        default: preconditionFailure("a time belongs to the UNet's resnets, and only to them")
        }
        return conv2(norm2.thenSiLU(hiddenStates)) + (shortcut?(x) ?? x)
    }
}
