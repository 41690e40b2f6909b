/// Why a whole ControlNet cannot guide a model.
public enum ControlNetError: Error, Equatable, Sendable {
    /// `property` is a key of `config.json`, or what stands for one.
    case otherUNet(file: String, property: String, expected: String, found: String)
}

extension ControlNetError: CustomStringConvertible {
    /// One or two sentences for the person at the keyboard.
    public var description: String {
        switch self {
        case .otherUNet(let file, let property, let expected, let found):
            "\(file) was made for another model: its \(property) is \(found), and this model's is \(expected). "
                + "A ControlNet of the same family as the model is needed, for Stable Diffusion 1.5 for instance."
        }
    }
}

extension ControlNet {
    /// Checks that its answers fit a UNet's states.
    ///
    /// Depth and kind of its own blocks may differ as long as there are as many states of the same width.
    ///
    /// - Parameter pixelsPerLatent: the autoencoder's.
    /// - Throws: ``ControlNetError``.
    public func check(fits unet: UNetConfiguration, pixelsPerLatent: Int) throws {
        let own = configuration.unet
        func same<Value: Equatable>(_ property: String, _ found: Value, _ expected: Value) throws {
            guard found != expected else { return }
            throw ControlNetError.otherUNet(
                file: origin, property: property, expected: "\(expected)", found: "\(found)")
        }
        try same("block_out_channels", own.blockChannels, unet.blockChannels)
        try same("layers_per_block", own.layersPerBlock, unet.layersPerBlock)
        try same("cross_attention_dim", own.crossAttentionDimension, unet.crossAttentionDimension)
        try same("in_channels", own.inputChannels, unet.inputChannels)
        try same("number of picture channels", configuration.pictureChannels, 3)
        try same("number of pixels in a latent", configuration.pixelsPerLatent, pixelsPerLatent)
    }
}
