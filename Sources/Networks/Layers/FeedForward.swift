import Tensors
import Weights

/// The feed-forward network of Stable Diffusion's transformers: a linear layer into a gate and values (GEGLU, Shazeer
/// 2020, https://arxiv.org/abs/2002.05202), and one back, four times as wide inside as outside.
struct FeedForward: Sendable {
    private let expansion: Linear
    private let contraction: Linear

    init(_ scope: WeightScope, channels: Int) throws {
        let inner = channels * 4
        expansion = try Linear(scope.scope("net.0.proj"), inputs: channels, outputs: inner * 2)
        contraction = try Linear(scope.scope("net.2"), inputs: inner, outputs: channels)
    }

    /// - Parameter x: [batch, tokens, channels].
    /// - Returns: [batch, tokens, channels].
    func callAsFunction(_ x: Tensor) -> Tensor {
        contraction(geglu(expansion(x)))
    }
}
