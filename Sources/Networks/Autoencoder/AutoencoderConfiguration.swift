/// The sizes of a KL autoencoder, as diffusers writes them to `vae/config.json`.
public struct AutoencoderConfiguration: Decodable, Sendable {
    /// Channels of the image: 3.
    public let imageChannels: Int
    /// Channels of the latents: 4.
    public let latentChannels: Int
    /// Channels of each level, from the full resolution down.
    public let blockChannels: [Int]
    /// Resnets in each level of the encoder; the decoder has one more.
    public let layersPerBlock: Int
    /// Groups of every group norm.
    public let normGroupCount: Int
    /// What the encoder's latents are multiplied with to have about unit variance.
    public let scalingFactor: Float
    /// Whether a 1 × 1 convolution follows the encoder.
    public let hasQuantConvolution: Bool
    /// Whether a 1 × 1 convolution precedes the decoder.
    public let hasPostQuantConvolution: Bool
    /// Whether the lowest level has an attention layer, in the encoder and in the decoder.
    public let hasMiddleAttention: Bool

    /// Pixels for each latent, in both directions: every level but the last halves the image.
    public var pixelsPerLatent: Int { 1 << (blockChannels.count - 1) }

    private enum CodingKeys: String, CodingKey {
        case inputChannels = "in_channels"
        case outputChannels = "out_channels"
        case latentChannels = "latent_channels"
        case blockChannels = "block_out_channels"
        case downBlockTypes = "down_block_types"
        case upBlockTypes = "up_block_types"
        case layersPerBlock = "layers_per_block"
        case normGroupCount = "norm_num_groups"
        case scalingFactor = "scaling_factor"
        case hasQuantConvolution = "use_quant_conv"
        case hasPostQuantConvolution = "use_post_quant_conv"
        case hasMiddleAttention = "mid_block_add_attention"
        // Parts that only the autoencoders of later models have.
        case activation = "act_fn"
        case shiftFactor = "shift_factor"
        case latentMeans = "latents_mean"
        case latentDeviations = "latents_std"
    }

    /// Decodes and checks; keys that a file leaves out have the values of Stable Diffusion 1.5.
    ///
    /// - Throws: ``ConfigurationError`` for values that no network can have and for networks that this program does
    ///   not know; `DecodingError` for values of another type.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        for key in [CodingKeys.shiftFactor, .latentMeans, .latentDeviations] { try values.requireAbsent(key) }
        try values.require(.activation, is: "silu")
        imageChannels = try values.decodeIfPresent(Int.self, forKey: .inputChannels) ?? 3
        try values.require(.outputChannels, is: imageChannels)
        latentChannels = try values.decodeIfPresent(Int.self, forKey: .latentChannels) ?? 4
        blockChannels = try values.decode([Int].self, forKey: .blockChannels)
        try values.require(
            .downBlockTypes, is: Array(repeating: "DownEncoderBlock2D", count: blockChannels.count))
        try values.require(
            .upBlockTypes, is: Array(repeating: "UpDecoderBlock2D", count: blockChannels.count))
        layersPerBlock = try values.decodeIfPresent(Int.self, forKey: .layersPerBlock) ?? 1
        normGroupCount = try values.decodeIfPresent(Int.self, forKey: .normGroupCount) ?? 32
        scalingFactor = try values.decodeIfPresent(Float.self, forKey: .scalingFactor) ?? 0.18215
        hasQuantConvolution = try values.decodeIfPresent(Bool.self, forKey: .hasQuantConvolution) ?? true
        hasPostQuantConvolution =
            try values.decodeIfPresent(Bool.self, forKey: .hasPostQuantConvolution) ?? true
        hasMiddleAttention = try values.decodeIfPresent(Bool.self, forKey: .hasMiddleAttention) ?? true
        try check()
    }

    private func check() throws {
        guard (1...8).contains(blockChannels.count) else {
            throw ConfigurationError.invalid(
                key: CodingKeys.blockChannels.rawValue, value: "\(blockChannels)",
                requirement: "a list of 1 to 8 widths")
        }
        try ConfigurationCheck.positive(imageChannels, CodingKeys.inputChannels.rawValue)
        try ConfigurationCheck.positive(latentChannels, CodingKeys.latentChannels.rawValue)
        try ConfigurationCheck.depth(layersPerBlock, CodingKeys.layersPerBlock.rawValue)
        guard scalingFactor.isNormal, scalingFactor > 0 else {
            throw ConfigurationError.invalid(
                key: CodingKeys.scalingFactor.rawValue, value: "\(scalingFactor)",
                requirement: "a positive number")
        }
        for channels in blockChannels {
            try ConfigurationCheck.positive(channels, CodingKeys.blockChannels.rawValue)
            try ConfigurationCheck.divides(
                normGroupCount, CodingKeys.normGroupCount.rawValue, of: channels,
                CodingKeys.blockChannels.rawValue)
        }
    }
}
