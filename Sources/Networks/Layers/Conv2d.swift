import Tensors
import Weights

/// A two-dimensional convolution over channels-last images.
public struct Conv2d: Sendable {
    private let weight: ConvolutionWeight
    private let bias: Tensor
    private let stride: Int
    private let padding: Padding

    /// A square convolution from `weight` [outputs, inputs, kernel, kernel] and `bias` [outputs].
    ///
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    public init(
        _ scope: WeightScope, inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Padding
    ) throws {
        weight = ConvolutionWeight(try scope.tensor("weight", [outputs, inputs, kernel, kernel]))
        bias = try scope.tensor("bias", [outputs])
        self.stride = stride
        self.padding = padding
    }

    /// A square convolution with stride 1 that sees only whole windows, so its result is smaller by kernel - 1.
    ///
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    public init(_ scope: WeightScope, inputs: Int, outputs: Int, kernel: Int) throws {
        try self.init(
            scope, inputs: inputs, outputs: outputs, kernel: kernel, stride: 1, padding: .none)
    }

    /// - Parameter x: [batch, height, width, inputs].
    /// - Returns: [batch, height', width', outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        convolution2D(x, weight: weight, bias: bias, stride: stride, padding: padding)
    }
}
