/// The sizes of a CLIP text encoder, as transformers writes them to `text_encoder/config.json`.
public struct CLIPTextConfiguration: Decodable, Sendable {
    /// Rows of the token table.
    public let vocabularySize: Int
    /// Channels C of the hidden states.
    public let hiddenSize: Int
    /// Channels inside the feed-forward layers.
    public let intermediateSize: Int
    /// Number of layers.
    public let layerCount: Int
    /// Number of attention heads.
    public let headCount: Int
    /// The longest sequence.
    public let positionCount: Int
    /// Activation inside the feed-forward layers.
    public let activation: Activation
    /// Epsilon of every layer norm.
    public let layerNormEpsilon: Float

    /// Activations of the feed-forward layers.
    public enum Activation: String, Sendable {
        /// x sigmoid(1.702 x), as in OpenAI's CLIP.
        case quickGELU = "quick_gelu"
        /// Exact GELU, as in OpenCLIP.
        case gelu
    }

    private enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case positionCount = "max_position_embeddings"
        case activation = "hidden_act"
        case layerNormEpsilon = "layer_norm_eps"
    }

    /// Decodes and checks; keys that transformers leaves out have the defaults of its `CLIPTextConfig`.
    ///
    /// - Throws: ``ConfigurationError`` for a value that no network can have, `DecodingError` for one of another type.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func size(_ key: CodingKeys, otherwise standard: Int) throws -> Int {
            let size = try values.decodeIfPresent(Int.self, forKey: key) ?? standard
            try ConfigurationCheck.positive(size, key.rawValue)
            return size
        }
        vocabularySize = try size(.vocabularySize, otherwise: 49_408)
        hiddenSize = try size(.hiddenSize, otherwise: 512)
        intermediateSize = try size(.intermediateSize, otherwise: 2048)
        layerCount = try size(.layerCount, otherwise: 12)
        headCount = try size(.headCount, otherwise: 8)
        positionCount = try size(.positionCount, otherwise: 77)
        layerNormEpsilon = try values.decodeIfPresent(Float.self, forKey: .layerNormEpsilon) ?? 1e-5
        let name = try values.decodeIfPresent(String.self, forKey: .activation) ?? "quick_gelu"
        guard let activation = Activation(rawValue: name) else {
            throw ConfigurationError.unsupported(
                key: CodingKeys.activation.rawValue, value: name, supported: "quick_gelu and gelu")
        }
        self.activation = activation
        try ConfigurationCheck.depth(layerCount, CodingKeys.layerCount.rawValue)
        try ConfigurationCheck.epsilon(layerNormEpsilon, CodingKeys.layerNormEpsilon.rawValue)
        try ConfigurationCheck.divides(
            headCount, CodingKeys.headCount.rawValue, of: hiddenSize, CodingKeys.hiddenSize.rawValue)
    }
}
