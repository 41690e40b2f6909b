import Tensors
import Weights

/// A transformer over the positions of an image (diffusers' `Transformer2DModel`), around a shortcut.
struct Transformer2DModel: Sendable {
    private let norm: GroupNorm
    private let projectionIn: Linear
    let blocks: [BasicTransformerBlock]
    private let projectionOut: Linear

    /// - Parameter site: which transformer of the UNet this is; `scope` lies there.
    init(_ scope: WeightScope, _ site: TransformerSite, _ configuration: UNetConfiguration) throws {
        let channels = site.channels
        norm = try GroupNorm(
            scope.scope("norm"), groupCount: configuration.normGroupCount, channels: channels, epsilon: 1e-6)
        func projection(_ name: String) throws -> Linear {
            configuration.usesLinearProjection
                ? try Linear(scope.scope(name), inputs: channels, outputs: channels)
                : try Linear(pointwise: scope.scope(name), inputs: channels, outputs: channels)
        }
        projectionIn = try projection("proj_in")
        blocks = try site.blockPaths.enumerated().map { index, path in
            try BasicTransformerBlock(
                scope.scope("transformer_blocks.\(index)"), path: path, site, configuration)
        }
        projectionOut = try projection("proj_out")
    }

    /// - Parameter x: [batch, height, width, channels].
    /// - Returns: [batch, height, width, channels].
    func callAsFunction(_ x: Tensor, _ condition: UNetCondition) throws -> Tensor {
        let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        var hiddenStates = projectionIn(norm(x).reshaped([batch, height * width, channels]))
        for block in blocks { hiddenStates = try block(hiddenStates, condition) }
        return projectionOut(hiddenStates).reshaped(x.shape) + x
    }
}

/// Self-attention, the face adapter's layer if there is a face, cross-attention to the text, and a feed-forward
/// network, each behind a layer norm and around a shortcut.
struct BasicTransformerBlock: Sendable {
    /// Where the block stands: `down_blocks.0.attentions.0.transformer_blocks.0`.
    let path: String
    private let norm1: LayerNorm
    private let selfAttention: Attention
    private let norm2: LayerNorm
    private let crossAttention: Attention
    private let norm3: LayerNorm
    private let feedForward: FeedForward

    init(
        _ scope: WeightScope, path: String, _ site: TransformerSite, _ configuration: UNetConfiguration
    ) throws {
        let (channels, headCount) = (site.channels, site.headCount)
        self.path = path
        norm1 = try LayerNorm(scope.scope("norm1"), channels: channels, epsilon: 1e-5)
        selfAttention = try Attention(
            scope.scope("attn1"), channels: channels, contextChannels: channels, headCount: headCount)
        norm2 = try LayerNorm(scope.scope("norm2"), channels: channels, epsilon: 1e-5)
        crossAttention = try Attention(
            scope.scope("attn2"), channels: channels, contextChannels: configuration.crossAttentionDimension,
            headCount: headCount)
        norm3 = try LayerNorm(scope.scope("norm3"), channels: channels, epsilon: 1e-5)
        feedForward = try FeedForward(scope.scope("ff"), channels: channels)
    }

    /// This block's keys and values for a text.
    ///
    /// - Parameter encoderHiddenStates: [batch, tokens, text channels].
    func textKeysAndValues(_ encoderHiddenStates: Tensor) -> KeysAndValues {
        crossAttention.keysAndValues(of: encoderHiddenStates)
    }

    /// - Parameter input: [batch, height × width, channels].
    /// - Returns: [batch, height × width, channels].
    func callAsFunction(_ input: Tensor, _ condition: UNetCondition) throws -> Tensor {
        try input.workspace.checkCancellation()
        var hiddenStates = selfAttention(norm1(input)) + input
        var norm2 = norm2
        if let face = condition.face?.layer(at: path) {
            hiddenStates = face(hiddenStates)
            norm2 = face.replacementOfNorm2 ?? norm2
        }
        hiddenStates = crossAttention(norm2(hiddenStates), condition.text[path]) + hiddenStates
        return feedForward(norm3(hiddenStates)) + hiddenStates
    }
}

/// One transformer of a UNet: where it stands and how large it is.
struct TransformerSite: Sendable {
    /// `down_blocks.0.attentions.1`, the prefix of its tensors' names.
    let path: String
    let channels: Int
    let headCount: Int
    let blockCount: Int

    /// The prefix of the names of each of its blocks' tensors.
    var blockPaths: [String] { (0..<blockCount).map { "\(path).transformer_blocks.\($0)" } }
}
