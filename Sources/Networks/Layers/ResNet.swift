import Tensors
import Weights

/// A residual network without its classifier (He, Zhang, Ren & Sun 2016, arXiv:1512.03385), under torchvision's keys.
struct ResNet: Sendable {
    /// What the network is made of.
    enum Kind: Sendable {
        /// Blocks of two 3 x 3 convolutions.
        case resNet34
        /// Blocks of a 3 x 3 convolution between two 1 x 1 ones, the stride in the middle one.
        case resNet50

        /// How much wider a block's result is than its convolutions.
        fileprivate var expansion: Int { self == .resNet34 ? 1 : 4 }
    }

    /// Blocks of each stage, in both kinds.
    private static let blockCounts = [3, 4, 6, 3]

    private let stem: NormalizedConv2d
    private let stages: [[ResidualBlock]]

    /// - Parameter scope: holds `conv1`, `bn1` and `layer1` to `layer4`.
    /// - Throws: `WeightsError` if a tensor is missing or of the wrong shape.
    init(_ scope: WeightScope, _ kind: Kind) throws {
        stem = try NormalizedConv2d(
            scope.scope("conv1"), norm: scope.scope("bn1"), inputs: 3, outputs: 64, kernel: 7, stride: 2)
        var channels = 64
        stages = try Self.blockCounts.enumerated().map { stage, blockCount in
            let width = 64 << stage
            return try (0..<blockCount).map { index in
                let block = try ResidualBlock(
                    scope.scope("layer\(stage + 1).\(index)"), kind, inputs: channels, width: width,
                    stride: stage > 0 && index == 0 ? 2 : 1)
                channels = width * kind.expansion
                return block
            }
        }
    }

    /// - Parameter image: [batch, height, width, 3].
    /// - Returns: what each of the four stages gives: 1/4, 1/8, 1/16 and 1/32 as large, sides rounded up.
    /// - Throws: `CancellationError` if the image's workspace was cancelled.
    func callAsFunction(_ image: Tensor) throws -> [Tensor] {
        var x = maxPool2D(relu(stem(image)), height: 3, width: 3, stride: 2, padding: Padding(1))
        return try stages.map { blocks in
            for block in blocks {
                try x.workspace.checkCancellation()
                x = block(x)
            }
            return x
        }
    }
}

/// Convolutions around which the input takes a short cut.
private struct ResidualBlock: Sendable {
    private let convolutions: [NormalizedConv2d]
    private let shortcut: NormalizedConv2d?

    init(_ scope: WeightScope, _ kind: ResNet.Kind, inputs: Int, width: Int, stride: Int) throws {
        let outputs = width * kind.expansion
        func convolution(
            _ index: Int, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int
        ) throws -> NormalizedConv2d {
            try NormalizedConv2d(
                scope.scope("conv\(index)"), norm: scope.scope("bn\(index)"), inputs: inputs,
                outputs: outputs, kernel: kernel, stride: stride)
        }
        switch kind {
        case .resNet34:
            convolutions = [
                try convolution(1, inputs, width, kernel: 3, stride: stride),
                try convolution(2, width, outputs, kernel: 3, stride: 1),
            ]
        case .resNet50:
            convolutions = [
                try convolution(1, inputs, width, kernel: 1, stride: 1),
                try convolution(2, width, width, kernel: 3, stride: stride),
                try convolution(3, width, outputs, kernel: 1, stride: 1),
            ]
        }
        shortcut =
            stride == 1 && inputs == outputs
            ? nil
            : try NormalizedConv2d(
                scope.scope("downsample.0"), norm: scope.scope("downsample.1"), inputs: inputs,
                outputs: outputs, kernel: 1, stride: stride)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        var y = convolutions[0](x)
        for convolution in convolutions.dropFirst() { y = convolution(relu(y)) }
        return relu(y + (shortcut?(x) ?? x))
    }
}
