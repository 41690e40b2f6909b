import Tensors
import Weights

/// Group normalization (Wu & He 2018, https://arxiv.org/abs/1803.08494) over channels-last images.
///
/// Epsilon has no default because Stable Diffusion uses two: 1e-5 in the UNet's resnets, 1e-6 in its transformers and
/// everywhere in the autoencoder.
public struct GroupNorm: Sendable {
    private let groupCount: Int
    private let weight: Tensor
    private let bias: Tensor
    private let epsilon: Float

    /// From `weight` [channels] and `bias` [channels].
    ///
    /// - Parameter groupCount: a divisor of `channels`.
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    public init(_ scope: WeightScope, groupCount: Int, channels: Int, epsilon: Float) throws {
        self.groupCount = groupCount
        weight = try scope.tensor("weight", [channels])
        bias = try scope.tensor("bias", [channels])
        self.epsilon = epsilon
    }

    /// - Parameter x: [batch, height, width, channels].
    public func callAsFunction(_ x: consuming Tensor) -> Tensor {
        groupNorm(x, groupCount: groupCount, weight: weight, bias: bias, epsilon: epsilon)
    }

    /// The normalized image through SiLU, in one pass over memory.
    func thenSiLU(_ x: consuming Tensor) -> Tensor {
        groupNormSiLU(x, groupCount: groupCount, weight: weight, bias: bias, epsilon: epsilon)
    }
}

/// Layer normalization (Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450) over the last axis.
public struct LayerNorm: Sendable {
    private let weight: Tensor
    private let bias: Tensor
    private let epsilon: Float

    /// From `weight` [channels] and `bias` [channels].
    ///
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    public init(_ scope: WeightScope, channels: Int, epsilon: Float) throws {
        weight = try scope.tensor("weight", [channels])
        bias = try scope.tensor("bias", [channels])
        self.epsilon = epsilon
    }

    /// - Parameter x: [..., channels].
    public func callAsFunction(_ x: consuming Tensor) -> Tensor {
        layerNorm(x, weight: weight, bias: bias, epsilon: epsilon)
    }
}
