import Tensors
import Weights

/// A fully connected layer, y = x Wᵀ + b.
public struct Linear: Sendable {
    /// Shape [outputs, inputs].
    let weight: Tensor
    /// Shape [outputs].
    let bias: Tensor?

    /// A layer with bias, from `weight` [outputs, inputs] and `bias` [outputs].
    ///
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    public init(_ scope: WeightScope, inputs: Int, outputs: Int) throws {
        weight = try scope.tensor("weight", [outputs, inputs])
        bias = try scope.tensor("bias", [outputs])
    }

    /// A layer without bias, from `weight` [outputs, inputs].
    ///
    /// - Throws: `WeightsError` if the tensor is missing or has another shape.
    public init(unbiased scope: WeightScope, inputs: Int, outputs: Int) throws {
        weight = try scope.tensor("weight", [outputs, inputs])
        bias = nil
    }

    /// A layer that the file holds as a 1 × 1 convolution, from `weight` [outputs, inputs, 1, 1] and `bias` [outputs].
    ///
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    public init(pointwise scope: WeightScope, inputs: Int, outputs: Int) throws {
        weight = try scope.tensor("weight", [outputs, inputs, 1, 1]).reshaped([outputs, inputs])
        bias = try scope.tensor("bias", [outputs])
    }

    /// - Parameter x: [..., inputs].
    /// - Returns: [..., outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        linear(x, weight: weight, bias: bias)
    }
}
