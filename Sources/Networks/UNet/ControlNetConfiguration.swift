/// The sizes of a ControlNet, as diffusers writes them to the `config.json` of a `ControlNetModel`.
public struct ControlNetConfiguration: Decodable, Sendable {
    /// In which order the network was trained to see a picture's colours.
    public enum ChannelOrder: String, Sendable {
        case rgb
        case bgr
    }

    /// The sizes of its copy of a UNet's way down and middle; there are no up blocks.
    public let unet: UNetConfiguration
    /// Channels of the picture: 3.
    public let pictureChannels: Int
    /// Channels of the picture's embedding at each resolution, from the full one down by halves.
    public let embeddingChannels: [Int]
    /// In which order the picture's channels go in.
    public let channelOrder: ChannelOrder

    /// How many pixels of the picture, along one side, become one of the latents.
    public var pixelsPerLatent: Int { 1 << (embeddingChannels.count - 1) }

    private enum CodingKeys: String, CodingKey {
        case pictureChannels = "conditioning_channels"
        case embeddingChannels = "conditioning_embedding_out_channels"
        case channelOrder = "controlnet_conditioning_channel_order"
        case poolsGlobally = "global_pool_conditions"
    }

    /// Decodes and checks; keys that a file leaves out have diffusers' defaults.
    ///
    /// - Throws: ``ConfigurationError`` for values that no network can have and for networks that this program does
    ///   not know; `DecodingError` for values of another type.
    public init(from decoder: any Decoder) throws {
        unet = try UNetConfiguration(ofControlNet: decoder)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.require(.poolsGlobally, is: false)
        pictureChannels = try values.decodeIfPresent(Int.self, forKey: .pictureChannels) ?? 3
        embeddingChannels =
            try values.decodeIfPresent([Int].self, forKey: .embeddingChannels) ?? [16, 32, 96, 256]
        let order = try values.decodeIfPresent(String.self, forKey: .channelOrder) ?? "rgb"
        guard let order = ChannelOrder(rawValue: order) else {
            throw ConfigurationError.unsupported(
                key: CodingKeys.channelOrder.rawValue, value: order, supported: "rgb and bgr")
        }
        channelOrder = order
        try check()
    }

    private func check() throws {
        try ConfigurationCheck.positive(pictureChannels, CodingKeys.pictureChannels.rawValue)
        guard (1...8).contains(embeddingChannels.count) else {
            throw ConfigurationError.invalid(
                key: CodingKeys.embeddingChannels.rawValue, value: "\(embeddingChannels)",
                requirement: "a list of 1 to 8 widths")
        }
        for channels in embeddingChannels {
            try ConfigurationCheck.positive(channels, CodingKeys.embeddingChannels.rawValue)
        }
    }
}
