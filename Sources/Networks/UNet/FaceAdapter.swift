import Tensors
import Weights

/// The FACT adapter: gated self-attention over the image and the tokens of a face, one layer in each transformer block
/// of the UNet, between self-attention and cross-attention (FaceChain-FACT, https://arxiv.org/abs/2410.12312,
/// section 3; modelscope/facechain).
public struct FaceAdapter: Sendable {
    /// Channels of the face tokens.
    public let tokenChannels: Int

    fileprivate let layers: [String: GatedSelfAttention]

    /// Builds the layers for a UNet from the names of the released file:
    /// `down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.` and so on for every transformer block.
    ///
    /// Every tensor is required: the gates of a layer that was not found would be closed, and the portrait would look
    /// right and show somebody else.
    ///
    /// - Throws: `WeightsError` if a tensor is missing, has another shape, or is left over in one of the UNet's blocks;
    ///   ``FaceAdapterError`` if all gates are closed, or if the UNet's widths do not allow an adapter.
    public init(_ scope: WeightScope, for configuration: UNetConfiguration) throws {
        tokenChannels = configuration.crossAttentionDimension
        var layers: [String: GatedSelfAttention] = [:]
        for site in configuration.transformerSites {
            guard site.channels % GatedSelfAttention.headCount == 0 else {
                throw FaceAdapterError.headsDoNotDivide(
                    file: scope.origin, headCount: GatedSelfAttention.headCount, channels: site.channels)
            }
            for path in site.blockPaths {
                layers[path] = try GatedSelfAttention(
                    scope.scope("\(path).attn2.processor"), channels: site.channels,
                    faceChannels: configuration.crossAttentionDimension)
            }
        }
        self.layers = layers
        for block in ["down_blocks", "mid_block", "up_blocks"] { try scope.scope(block).finish(ignoring: []) }
        guard strongestGate > 1e-4 else { throw FaceAdapterError.closedGates(file: scope.origin) }
    }

    /// The largest of all gates |tanh α|, 0 to 1.
    public var strongestGate: Float {
        layers.values.map(\.strongestGate).max() ?? 0
    }
}

/// Why a file of the right form cannot serve as a face adapter.
public enum FaceAdapterError: Error, Equatable, Sendable {
    case closedGates(file: String)
    case headsDoNotDivide(file: String, headCount: Int, channels: Int)
}

extension FaceAdapterError: CustomStringConvertible {
    /// One or two sentences for the person at the keyboard.
    public var description: String {
        switch self {
        case .closedGates(let file):
            "\(file): all gates of this face adapter are closed, so it would have no effect. It was never trained."
        case .headsDoNotDivide(let file, let headCount, let channels):
            "\(file): a face adapter has \(headCount) attention heads, but this UNet's transformers have \(channels) "
                + "channels, which \(headCount) does not divide. The adapter belongs to another model."
        }
    }
}

/// What the denoiser needs of a face in every step, computed once: the face's keys and values in every layer of an
/// adapter.
public struct FaceCondition: Sendable {
    /// Weight of the adapter, 0 for none to 1.
    public let scale: Float

    private let layers: [String: GatedSelfAttention.Conditioned]

    /// - Parameters:
    ///   - adapter: made for the UNet that the condition is for.
    ///   - tokens: the resampler's tokens of one or several photos, [batch, tokens, channels].
    ///   - scale: 0 leaves the UNet's result bit for bit as without an adapter.
    public init(_ adapter: FaceAdapter, tokens: Tensor, scale: Float) {
        precondition(
            tokens.shape.count == 3 && tokens.shape[2] == adapter.tokenChannels,
            "face tokens have shape \(tokens.shape), not [batch, tokens, \(adapter.tokenChannels)]")
        self.scale = scale
        layers = scale == 0 ? [:] : adapter.layers.mapValues { $0.conditioned(on: tokens, scale: scale) }
    }

    /// The layer of a transformer block; nil at scale 0.
    func layer(at path: String) -> GatedSelfAttention.Conditioned? {
        if scale == 0 { return nil }
        guard let layer = layers[path] else {
            preconditionFailure("the face was prepared by an adapter without a layer at \(path)")
        }
        return layer
    }
}

/// One layer of the adapter.
///
/// With h the image's hidden states, f = linear(face tokens), s the adapter's weight:
///
///     h1 = h  + s tanh(α_attn)  · SA(norm1(concat(h, f)))[:, :N]
///     h2 = h1 + s tanh(α_dense) · FF(norm2(h1))
struct GatedSelfAttention: Sendable {
    /// Heads of every layer, whatever the UNet has (modelscope/facechain, `face_adapter`).
    fileprivate static let headCount = 8

    private let linear: Linear
    private let norm1: LayerNorm
    private let attention: Attention
    private let norm2: LayerNorm
    private let feedForward: FeedForward
    private let attentionGate: Float
    private let denseGate: Float
    private let replacementOfNorm2: LayerNorm?

    init(_ scope: WeightScope, channels: Int, faceChannels: Int) throws {
        linear = try Linear(scope.scope("linear"), inputs: faceChannels, outputs: channels)
        norm1 = try LayerNorm(scope.scope("norm1"), channels: channels, epsilon: 1e-5)
        attention = try Attention(
            scope.scope("attn"), channels: channels, contextChannels: channels, headCount: Self.headCount)
        norm2 = try LayerNorm(scope.scope("norm2"), channels: channels, epsilon: 1e-5)
        feedForward = try FeedForward(scope.scope("ff"), channels: channels)
        attentionGate = tanh(try scope.tensor("alpha_attn", [])).values[0]
        denseGate = tanh(try scope.tensor("alpha_dense", [])).values[0]
        // The reference keeps the block's own norm2 here, so a checkpoint may hold a trained copy of it.
        replacementOfNorm2 =
            scope.contains("ln") ? try LayerNorm(scope.scope("ln"), channels: channels, epsilon: 1e-5) : nil
    }

    var strongestGate: Float { max(abs(attentionGate), abs(denseGate)) }

    /// The layer with the face's keys and values, which stay the same in all steps.
    func conditioned(on tokens: Tensor, scale: Float) -> Conditioned {
        // Layer norm and projections work row by row, so the face's rows need not be computed with the image's.
        Conditioned(layer: self, face: attention.keysAndValues(of: norm1(linear(tokens))), scale: scale)
    }

    /// A layer that knows the face.
    struct Conditioned: Sendable {
        fileprivate let layer: GatedSelfAttention
        fileprivate let face: KeysAndValues
        fileprivate let scale: Float

        var replacementOfNorm2: LayerNorm? { layer.replacementOfNorm2 }

        /// - Parameter hiddenStates: [batch, tokens, channels], after self-attention and its shortcut.
        /// - Returns: [batch, tokens, channels].
        func callAsFunction(_ hiddenStates: Tensor) -> Tensor {
            precondition(
                hiddenStates.shape[0] == face.keys.shape[0],
                "the face was prepared for a batch of \(face.keys.shape[0]), not of \(hiddenStates.shape[0])")
            let normed = layer.norm1(hiddenStates)
            let image = layer.attention.keysAndValues(of: normed)
            // Queries only from the image: the face's rows of the result are dropped.
            let attended = layer.attention(normed, image.followed(by: face))
            let h1 = attended * (scale * layer.attentionGate) + hiddenStates
            return layer.feedForward(layer.norm2(h1)) * (scale * layer.denseGate) + h1
        }
    }
}

extension KeysAndValues {
    fileprivate func followed(by other: KeysAndValues) -> KeysAndValues {
        KeysAndValues(
            keys: concatenated([keys, other.keys], axis: 1),
            values: concatenated([values, other.values], axis: 1))
    }
}
