extension StableDiffusionKeyMap {
    /// A ControlNet's modules: path below `control_model.` to diffusers path.
    ///
    /// The pairs follow from the order in which `ControlNet` in lllyasviel/ControlNet, `cldm/cldm.py`, appends blocks;
    /// its copy of the UNet's way down and middle has the UNet's own names.
    static let controlNet = table(
        controlNetEnds + unetDownBlocks + unetMiddleBlock + controlNetPicture + controlNetProjections)

    private static let controlNetEnds: [Pair] = [
        ("time_embed.0", "time_embedding.linear_1"), ("time_embed.2", "time_embedding.linear_2"),
        ("input_blocks.0.0", "conv_in"), ("middle_block_out.0", "controlnet_mid_block"),
    ]

    /// Convolutions at even places, SiLU between them.
    private static let controlNetPicture: [Pair] =
        [("input_hint_block.0", "controlnet_cond_embedding.conv_in")]
        + (0..<6).map { ("input_hint_block.\(2 * $0 + 2)", "controlnet_cond_embedding.blocks.\($0)") }
        + [("input_hint_block.14", "controlnet_cond_embedding.conv_out")]

    /// One for the input convolution, one for each layer and each downsampler.
    private static let controlNetProjections: [Pair] = (0..<levelCount * (layersPerBlock + 1)).map {
        ("zero_convs.\($0).0", "controlnet_down_blocks.\($0)")
    }
}
