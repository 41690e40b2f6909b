import Tensors
import Weights

/// CLIP's text encoder: a causal transformer whose last hidden state, after the final layer norm, conditions Stable
/// Diffusion.
///
/// Source: Radford and others 2021, https://arxiv.org/abs/2103.00020; transformers' `CLIPTextModel`.
public struct CLIPTextModel: Sendable {
    /// The sizes it was built with.
    public let configuration: CLIPTextConfiguration

    private let tokenEmbedding: Embedding
    /// Shape [positions, C].
    private let positionEmbedding: Tensor
    private let layers: [CLIPEncoderLayer]
    private let finalLayerNorm: LayerNorm

    /// Builds the encoder from transformers' names, with or without `text_model.` before them: transformers 5 and old
    /// merged checkpoints leave it out.
    ///
    /// `position_ids` are not read: they count from 0, and merging tools have damaged them in many files.
    ///
    /// - Throws: `WeightsError` if a tensor is missing, has another shape, or is left over.
    public init(_ scope: WeightScope, _ configuration: CLIPTextConfiguration) throws {
        let root = scope.contains("text_model") ? scope.scope("text_model") : scope
        let channels = configuration.hiddenSize
        self.configuration = configuration
        let embeddings = root.scope("embeddings")
        tokenEmbedding = try Embedding(
            embeddings.scope("token_embedding"), count: configuration.vocabularySize, channels: channels)
        positionEmbedding = try Embedding(
            embeddings.scope("position_embedding"), count: configuration.positionCount, channels: channels
        ).table
        layers = try (0..<configuration.layerCount).map { index in
            try CLIPEncoderLayer(root.scope("encoder.layers.\(index)"), configuration)
        }
        finalLayerNorm = try LayerNorm(
            root.scope("final_layer_norm"), channels: channels, epsilon: configuration.layerNormEpsilon)
        try scope.finish(ignoring: ["embeddings.position_ids", "text_model.embeddings.position_ids"])
    }

    /// The hidden states of a batch of prompts.
    ///
    /// - Parameter tokens: one list for each prompt, all equally long.
    /// - Returns: [batch, tokens, C].
    /// - Throws: ``CLIPTextModelError`` if the tokenizer belongs to another model; `CancellationError` between layers.
    public func callAsFunction(tokens: [[Int]]) throws -> Tensor {
        let workspace = positionEmbedding.workspace
        let length = tokens.first?.count ?? 0
        precondition(tokens.allSatisfy { $0.count == length }, "prompts of one batch must be equally long")
        precondition(length > 0, "a prompt has at least one token")
        guard length <= configuration.positionCount else {
            throw CLIPTextModelError.promptTooLong(tokens: length, positions: configuration.positionCount)
        }
        let vocabulary = 0..<configuration.vocabularySize
        if let unknown = tokens.joined().first(where: { !vocabulary.contains($0) }) {
            throw CLIPTextModelError.unknownToken(unknown, vocabularySize: configuration.vocabularySize)
        }
        let embedded = tokenEmbedding(tokens.flatMap { $0 })
            .reshaped([tokens.count, length, configuration.hiddenSize])
        var hiddenStates = embedded + positionEmbedding[0..<length]
        for layer in layers {
            try workspace.checkCancellation()
            hiddenStates = layer(hiddenStates)
        }
        return finalLayerNorm(hiddenStates)
    }
}

/// Why a text encoder cannot read a prompt; both mean that the tokenizer was made for another model.
public enum CLIPTextModelError: Error, Equatable, Sendable {
    case promptTooLong(tokens: Int, positions: Int)
    case unknownToken(Int, vocabularySize: Int)
}

extension CLIPTextModelError: CustomStringConvertible {
    /// One or two sentences for the person at the keyboard.
    public var description: String {
        switch self {
        case .promptTooLong(let tokens, let positions):
            "The tokenizer makes prompts of \(tokens) tokens, but the text encoder reads at most \(positions). "
                + "They belong to different models."
        case .unknownToken(let token, let vocabularySize):
            "The tokenizer gave the token \(token), but the text encoder knows only \(vocabularySize) tokens. "
                + "They belong to different models."
        }
    }
}

/// One layer of the text encoder: causal self-attention and a feed-forward network, each behind a layer norm.
private struct CLIPEncoderLayer: Sendable {
    private let layerNorm1: LayerNorm
    private let attention: CLIPAttention
    private let layerNorm2: LayerNorm
    private let expansion: Linear
    private let activation: CLIPTextConfiguration.Activation
    private let contraction: Linear

    init(_ scope: WeightScope, _ configuration: CLIPTextConfiguration) throws {
        let (channels, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        let epsilon = configuration.layerNormEpsilon
        layerNorm1 = try LayerNorm(scope.scope("layer_norm1"), channels: channels, epsilon: epsilon)
        attention = try CLIPAttention(
            scope.scope("self_attn"), channels: channels, headCount: configuration.headCount)
        layerNorm2 = try LayerNorm(scope.scope("layer_norm2"), channels: channels, epsilon: epsilon)
        expansion = try Linear(scope.scope("mlp.fc1"), inputs: channels, outputs: inner)
        activation = configuration.activation
        contraction = try Linear(scope.scope("mlp.fc2"), inputs: inner, outputs: channels)
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
        let hiddenStates = attention(layerNorm1(input)) + input
        return contraction(activated(expansion(layerNorm2(hiddenStates)))) + hiddenStates
    }

    private func activated(_ x: consuming Tensor) -> Tensor {
        switch activation {
        case .quickGELU: quickGELU(x)
        case .gelu: gelu(x)
        }
    }
}

private struct CLIPAttention: Sendable {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let headCount: Int

    init(_ scope: WeightScope, channels: Int, headCount: Int) throws {
        query = try Linear(scope.scope("q_proj"), inputs: channels, outputs: channels)
        key = try Linear(scope.scope("k_proj"), inputs: channels, outputs: channels)
        value = try Linear(scope.scope("v_proj"), inputs: channels, outputs: channels)
        output = try Linear(scope.scope("out_proj"), inputs: channels, outputs: channels)
        self.headCount = headCount
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        output(causalAttention(query: query(x), key: key(x), value: value(x), headCount: headCount))
    }
}
