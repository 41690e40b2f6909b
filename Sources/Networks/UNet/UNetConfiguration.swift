/// The sizes and block types of a Stable Diffusion UNet, as diffusers writes them to `unet/config.json`.
///
/// Lists go from the full resolution down, one entry for each level.
public struct UNetConfiguration: Decodable, Sendable {
    /// Channels of the latents that go in: 4, or 9 for inpainting models.
    public let inputChannels: Int
    /// Channels of the prediction.
    public let outputChannels: Int
    /// Channels of each level.
    public let blockChannels: [Int]
    /// Whether each level's down block has transformers (`CrossAttnDownBlock2D`) or not (`DownBlock2D`).
    public let downBlocksAttend: [Bool]
    /// The same for the up blocks, but from the full resolution down like every other list.
    public let upBlocksAttend: [Bool]
    /// Resnets in each down block; up blocks have one more.
    public let layersPerBlock: [Int]
    /// Transformer blocks in each transformer.
    public let transformerLayersPerBlock: [Int]
    /// Attention heads of each level.
    public let headCounts: [Int]
    /// Groups of every group norm.
    public let normGroupCount: Int
    /// Epsilon of the group norms in the resnets and before the last convolution.
    public let normEpsilon: Float
    /// Channels of the text encoder's hidden states.
    public let crossAttentionDimension: Int
    /// Whether transformers project with linear layers instead of 1 × 1 convolutions.
    public let usesLinearProjection: Bool
    /// Whether the time embedding holds cosines before sines.
    public let cosinesFirst: Bool
    /// Offset in the time embedding's frequencies.
    public let frequencyShift: Float

    /// Both sides of the latents must be multiples of this, since every level but the last halves them.
    public var latentSizeMultiple: Int { 1 << (blockChannels.count - 1) }

    /// Channels of the time embedding behind its two linear layers.
    var timeEmbeddingDimension: Int { blockChannels[0] * 4 }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case inputChannels = "in_channels"
        case outputChannels = "out_channels"
        case blockChannels = "block_out_channels"
        case downBlockTypes = "down_block_types"
        case middleBlockType = "mid_block_type"
        case upBlockTypes = "up_block_types"
        case layersPerBlock = "layers_per_block"
        case transformerLayersPerBlock = "transformer_layers_per_block"
        case attentionHeadDimension = "attention_head_dim"
        case attentionHeadCount = "num_attention_heads"
        case normGroupCount = "norm_num_groups"
        case normEpsilon = "norm_eps"
        case crossAttentionDimension = "cross_attention_dim"
        case usesLinearProjection = "use_linear_projection"
        case cosinesFirst = "flip_sin_to_cos"
        case frequencyShift = "freq_shift"
        // Switches of diffusers that no Stable Diffusion 1 or 2 model sets.
        case activation = "act_fn"
        case addition = "addition_embed_type"
        case attentionType = "attention_type"
        case centersInput = "center_input_sample"
        case classEmbedding = "class_embed_type"
        case classCount = "num_class_embeds"
        case inputKernel = "conv_in_kernel"
        case outputKernel = "conv_out_kernel"
        case crossAttentionNorm = "cross_attention_norm"
        case downsamplePadding = "downsample_padding"
        case dualCrossAttention = "dual_cross_attention"
        case encoderProjection = "encoder_hid_dim"
        case encoderProjectionType = "encoder_hid_dim_type"
        case middleScale = "mid_block_scale_factor"
        case onlyCrossAttention = "only_cross_attention"
        case outputScale = "resnet_out_scale_factor"
        case skipsTimeActivation = "resnet_skip_time_act"
        case timeScaleShift = "resnet_time_scale_shift"
        case reversedTransformerLayers = "reverse_transformer_layers_per_block"
        case timeCondition = "time_cond_proj_dim"
        case timeEmbeddingActivation = "time_embedding_act_fn"
        case timeEmbeddingDimension = "time_embedding_dim"
        case timeEmbeddingType = "time_embedding_type"
        case timePostActivation = "timestep_post_act"
    }

    /// Decodes and checks; keys that a file leaves out have diffusers' defaults.
    ///
    /// - Throws: ``ConfigurationError`` for values that no network can have and for networks that this program does
    ///   not know, among them Stable Diffusion XL; `DecodingError` for values of another type.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(values) { levels in
            try Self.attends(
                values, .upBlockTypes, levels: levels, plain: "UpBlock2D", attending: "CrossAttnUpBlock2D"
            ).reversed()
        }
    }

    /// The sizes of a ControlNet, which is a UNet's way down and middle: its file names no up blocks, and
    /// ``upBlocksAttend`` is empty.
    ///
    /// - Throws: as ``init(from:)``.
    init(ofControlNet decoder: any Decoder) throws {
        try self.init(decoder.container(keyedBy: CodingKeys.self)) { _ in [] }
    }

    private init(
        _ values: KeyedDecodingContainer<CodingKeys>, upBlocksAttend: (_ levels: Int) throws -> [Bool]
    ) throws {
        try Self.refuseUnknownNetworks(values)
        inputChannels = try values.decodeIfPresent(Int.self, forKey: .inputChannels) ?? 4
        outputChannels = try values.decodeIfPresent(Int.self, forKey: .outputChannels) ?? 4
        blockChannels = try values.decode([Int].self, forKey: .blockChannels)
        let levels = blockChannels.count
        downBlocksAttend = try Self.attends(
            values, .downBlockTypes, levels: levels, plain: "DownBlock2D", attending: "CrossAttnDownBlock2D")
        self.upBlocksAttend = try upBlocksAttend(levels)
        layersPerBlock = try values.levels(.layersPerBlock, count: levels, otherwise: 2)
        transformerLayersPerBlock = try values.levels(.transformerLayersPerBlock, count: levels, otherwise: 1)
        // In every published model this key holds the number of heads, not their size:
        // https://github.com/huggingface/diffusers/issues/2011
        headCounts = try values.levels(.attentionHeadDimension, count: levels, otherwise: 8)
        normGroupCount = try values.decodeIfPresent(Int.self, forKey: .normGroupCount) ?? 32
        normEpsilon = try values.decodeIfPresent(Float.self, forKey: .normEpsilon) ?? 1e-5
        crossAttentionDimension =
            try values.decodeIfPresent(Int.self, forKey: .crossAttentionDimension) ?? 1280
        usesLinearProjection = try values.decodeIfPresent(Bool.self, forKey: .usesLinearProjection) ?? false
        cosinesFirst = try values.decodeIfPresent(Bool.self, forKey: .cosinesFirst) ?? true
        frequencyShift = try values.decodeIfPresent(Float.self, forKey: .frequencyShift) ?? 0
        try check()
    }

    private static func attends(
        _ values: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys, levels: Int, plain: String,
        attending: String
    ) throws -> [Bool] {
        let types = try values.decode([String].self, forKey: key)
        guard types.count == levels else {
            throw ConfigurationError.invalid(
                key: key.rawValue, value: "\(types)",
                requirement: "a list of \(levels) types, as many as block_out_channels has")
        }
        return try types.map { type in
            guard type == plain || type == attending else {
                throw ConfigurationError.unsupported(
                    key: key.rawValue, value: type, supported: "\(attending) and \(plain)")
            }
            return type == attending
        }
    }

    private static func refuseUnknownNetworks(_ values: KeyedDecodingContainer<CodingKeys>) throws {
        let absent: [CodingKeys] = [
            .attentionHeadCount, .addition, .classEmbedding, .classCount, .crossAttentionNorm,
            .encoderProjection,
            .encoderProjectionType, .reversedTransformerLayers, .timeCondition, .timeEmbeddingActivation,
            .timeEmbeddingDimension, .timePostActivation,
        ]
        for key in absent { try values.requireAbsent(key) }
        for key in [CodingKeys.centersInput, .dualCrossAttention, .onlyCrossAttention, .skipsTimeActivation] {
            try values.require(key, is: false)
        }
        for key in [CodingKeys.inputKernel, .outputKernel] { try values.require(key, is: 3) }
        for key in [CodingKeys.middleScale, .outputScale] { try values.require(key, is: Float(1)) }
        for key in [CodingKeys.attentionType, .timeScaleShift] { try values.require(key, is: "default") }
        try values.require(.downsamplePadding, is: 1)
        try values.require(.activation, is: "silu")
        try values.require(.timeEmbeddingType, is: "positional")
        try values.require(.middleBlockType, is: "UNetMidBlock2DCrossAttn")
    }

    private func check() throws {
        guard (1...8).contains(blockChannels.count) else {
            throw ConfigurationError.invalid(
                key: CodingKeys.blockChannels.rawValue, value: "\(blockChannels)",
                requirement: "a list of 1 to 8 widths")
        }
        try ConfigurationCheck.positive(inputChannels, CodingKeys.inputChannels.rawValue)
        try ConfigurationCheck.positive(outputChannels, CodingKeys.outputChannels.rawValue)
        try ConfigurationCheck.positive(crossAttentionDimension, CodingKeys.crossAttentionDimension.rawValue)
        try ConfigurationCheck.epsilon(normEpsilon, CodingKeys.normEpsilon.rawValue)
        for level in blockChannels.indices {
            let (channels, name) = (blockChannels[level], CodingKeys.blockChannels.rawValue)
            try ConfigurationCheck.positive(channels, name)
            try ConfigurationCheck.depth(layersPerBlock[level], CodingKeys.layersPerBlock.rawValue)
            try ConfigurationCheck.depth(
                transformerLayersPerBlock[level], CodingKeys.transformerLayersPerBlock.rawValue)
            try ConfigurationCheck.divides(
                normGroupCount, CodingKeys.normGroupCount.rawValue, of: channels, name)
            try ConfigurationCheck.divides(
                headCounts[level], CodingKeys.attentionHeadDimension.rawValue, of: channels, name)
        }
        guard blockChannels[0] % 2 == 0 else {
            throw ConfigurationError.invalid(
                key: CodingKeys.blockChannels.rawValue, value: "\(blockChannels)",
                requirement: "even at the first level, which has as many sines as cosines of the time")
        }
        guard frequencyShift.isFinite, frequencyShift < Float(blockChannels[0] / 2) else {
            throw ConfigurationError.invalid(
                key: CodingKeys.frequencyShift.rawValue, value: "\(frequencyShift)",
                requirement: "less than half of the first level's width")
        }
    }
}

extension KeyedDecodingContainer {
    /// One number for all levels or a list with one for each; `standard` if the key is absent or null.
    fileprivate func levels(_ key: Key, count: Int, otherwise standard: Int) throws -> [Int] {
        guard contains(key), try !decodeNil(forKey: key) else {
            return Array(repeating: standard, count: count)
        }
        return try decodeLevels(key, count: count)
    }
}
