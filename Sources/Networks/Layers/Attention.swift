import Tensors
import Weights

/// What attention looks at: one key and one value for each token.
struct KeysAndValues: Sendable {
    /// Shape [batch, tokens, channels].
    let keys: Tensor
    /// Shape [batch, tokens, channels].
    let values: Tensor
}

/// Multi-head attention: projections without bias into queries, keys and values, and one with bias out.
///
/// Source: Vaswani and others 2017, https://arxiv.org/abs/1706.03762, section 3.2.
struct Attention: Sendable {
    private let toQueries: Linear
    private let toKeys: Linear
    private let toValues: Linear
    private let toOutput: Linear
    private let headCount: Int

    /// - Parameters:
    ///   - channels: of the hidden states.
    ///   - contextChannels: of what is attended to; equal to `channels` in self-attention.
    ///   - headCount: a divisor of `channels`.
    init(_ scope: WeightScope, channels: Int, contextChannels: Int, headCount: Int) throws {
        toQueries = try Linear(unbiased: scope.scope("to_q"), inputs: channels, outputs: channels)
        toKeys = try Linear(unbiased: scope.scope("to_k"), inputs: contextChannels, outputs: channels)
        toValues = try Linear(unbiased: scope.scope("to_v"), inputs: contextChannels, outputs: channels)
        toOutput = try Linear(scope.scope("to_out.0"), inputs: channels, outputs: channels)
        self.headCount = headCount
    }

    /// - Parameter context: [batch, tokens, contextChannels].
    func keysAndValues(of context: Tensor) -> KeysAndValues {
        KeysAndValues(keys: toKeys(context), values: toValues(context))
    }

    /// - Parameters:
    ///   - x: [batch, tokens, channels].
    ///   - context: what to look at, of the same batch.
    /// - Returns: [batch, tokens, channels].
    func callAsFunction(_ x: Tensor, _ context: KeysAndValues) -> Tensor {
        toOutput(
            attention(query: toQueries(x), key: context.keys, value: context.values, headCount: headCount))
    }

    /// Self-attention.
    ///
    /// - Parameter x: [batch, tokens, channels].
    /// - Returns: [batch, tokens, channels].
    func callAsFunction(_ x: Tensor) -> Tensor {
        self(x, keysAndValues(of: x))
    }
}
