import Tensors
import Weights

/// MobileNet (Howard et al. 2017, arXiv:1704.04861) with a quarter of the channels and leaky ReLU, as the small RetinaFace
/// has it.
struct QuarterMobileNet: Sendable {
    private let stem: NormalizedConv2d
    private let stages: [[SeparableConvolution]]
    private let slope: Tensor

    /// - Parameter scope: holds `stage1` to `stage3`.
    /// - Throws: `WeightsError` if a tensor is missing or of the wrong shape.
    init(_ scope: WeightScope) throws {
        stem = try NormalizedConv2d(
            scope.scope("stage1.0.0"), norm: scope.scope("stage1.0.1"), inputs: 3, outputs: 8, kernel: 3,
            stride: 2)
        func separable(
            _ name: String, _ inputs: Int, _ outputs: Int, stride: Int
        ) throws -> SeparableConvolution {
            try SeparableConvolution(scope.scope(name), inputs: inputs, outputs: outputs, stride: stride)
        }
        stages = [
            [
                try separable("stage1.1", 8, 16, stride: 1), try separable("stage1.2", 16, 32, stride: 2),
                try separable("stage1.3", 32, 32, stride: 1), try separable("stage1.4", 32, 64, stride: 2),
                try separable("stage1.5", 64, 64, stride: 1),
            ],
            [try separable("stage2.0", 64, 128, stride: 2)]
                + (try (1...5).map { try separable("stage2.\($0)", 128, 128, stride: 1) }),
            [
                try separable("stage3.0", 128, 256, stride: 2),
                try separable("stage3.1", 256, 256, stride: 1),
            ],
        ]
        slope = Tensor([RetinaFaceNetwork.leak], shape: [1], in: scope.workspace)
    }

    /// - Parameter image: [1, height, width, 3].
    /// - Returns: what each of the three stages gives: 1/8, 1/16 and 1/32 as large, sides rounded up.
    /// - Throws: `CancellationError` if the image's workspace was cancelled.
    func callAsFunction(_ image: Tensor) throws -> [Tensor] {
        var x = prelu(stem(image), slopes: slope)
        return try stages.map { convolutions in
            for convolution in convolutions {
                try x.workspace.checkCancellation()
                x = convolution(x, slope: slope)
            }
            return x
        }
    }
}

/// A convolution of each channel alone, then one of the channels of each pixel.
private struct SeparableConvolution: Sendable {
    private let depthwise: NormalizedDepthwiseConv2d
    private let pointwise: NormalizedConv2d

    init(_ scope: WeightScope, inputs: Int, outputs: Int, stride: Int) throws {
        depthwise = try NormalizedDepthwiseConv2d(
            scope.scope("0"), norm: scope.scope("1"), channels: inputs, stride: stride)
        pointwise = try NormalizedConv2d(
            scope.scope("3"), norm: scope.scope("4"), inputs: inputs, outputs: outputs, kernel: 1, stride: 1)
    }

    func callAsFunction(_ x: Tensor, slope: Tensor) -> Tensor {
        prelu(pointwise(prelu(depthwise(x), slopes: slope)), slopes: slope)
    }
}
