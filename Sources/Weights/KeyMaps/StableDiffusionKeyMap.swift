/// How the original Stable Diffusion code (CompVis, "LDM") names the modules that diffusers names otherwise.
///
/// Both name the same network: the tables pair module paths, and every tensor below a module keeps its own last name.
/// The pairs follow from the order in which the LDM constructors append blocks (CompVis/stable-diffusion,
/// `ldm/modules/diffusionmodules/openaimodel.py` and `model.py`).
enum StableDiffusionKeyMap {
    typealias Pair = (ldm: String, diffusers: String)

    /// Levels of UNet and autoencoder.
    static let levelCount = 4
    /// Resnets in each down block; up blocks have one more.
    static let layersPerBlock = 2

    /// The UNet's modules: LDM path below `model.diffusion_model.` to diffusers path.
    static let unet = table(unetEnds + unetDownBlocks + unetMiddleBlock + unetUpBlocks)

    /// The autoencoder's modules: LDM path below `first_stage_model.` to diffusers path.
    static let autoencoder = table(
        autoencoderEnds("encoder") + autoencoderEnds("decoder") + autoencoderEncoderBlocks
            + autoencoderDecoderBlocks
            + [("quant_conv", "quant_conv"), ("post_quant_conv", "post_quant_conv")])

    /// Translates a tensor's name by the longest module path it begins with; `nil` if no module matches.
    static func translate(_ name: String, by modules: [String: String]) -> String? {
        var end = name.endIndex
        while let dot = name[..<end].lastIndex(of: ".") {
            if let module = modules[String(name[..<dot])] { return module + name[dot...] }
            end = dot
        }
        return nil
    }

    static func table(_ pairs: [Pair]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: pairs.map { ($0.ldm, $0.diffusers) })
    }

    // MARK: UNet

    private static let unetEnds: [Pair] = [
        ("time_embed.0", "time_embedding.linear_1"), ("time_embed.2", "time_embedding.linear_2"),
        ("input_blocks.0.0", "conv_in"), ("out.0", "conv_norm_out"), ("out.2", "conv_out"),
    ]

    /// The input convolution comes first; then each level appends its layers and a downsampler.
    static let unetDownBlocks: [Pair] = (0..<levelCount).flatMap { level -> [Pair] in
        let first = level * (layersPerBlock + 1) + 1
        let layers = (0..<layersPerBlock).flatMap { layer -> [Pair] in
            let block = "input_blocks.\(first + layer)"
            return resnet("\(block).0", "down_blocks.\(level).resnets.\(layer)")
                + [("\(block).1", "down_blocks.\(level).attentions.\(layer)")]
        }
        let downsampler = "input_blocks.\(first + layersPerBlock).0.op"
        return layers + [(downsampler, "down_blocks.\(level).downsamplers.0.conv")]
    }

    static let unetMiddleBlock: [Pair] =
        resnet("middle_block.0", "mid_block.resnets.0") + [("middle_block.1", "mid_block.attentions.0")]
        + resnet("middle_block.2", "mid_block.resnets.1")

    /// The upsampler stands behind the last layer of its level: at place 1 where the level has no attention, else 2.
    private static let unetUpBlocks: [Pair] = (0..<levelCount).flatMap { level -> [Pair] in
        let first = level * (layersPerBlock + 1)
        let layers = (0...layersPerBlock).flatMap { layer -> [Pair] in
            let block = "output_blocks.\(first + layer)"
            return resnet("\(block).0", "up_blocks.\(level).resnets.\(layer)")
                + [("\(block).1", "up_blocks.\(level).attentions.\(layer)")]
        }
        let upsamplers = [1, 2].map { place -> Pair in
            ("output_blocks.\(first + layersPerBlock).\(place).conv", "up_blocks.\(level).upsamplers.0.conv")
        }
        return layers + upsamplers
    }

    private static func resnet(_ ldm: String, _ diffusers: String) -> [Pair] {
        let names: [Pair] = [
            ("in_layers.0", "norm1"), ("in_layers.2", "conv1"), ("emb_layers.1", "time_emb_proj"),
            ("out_layers.0", "norm2"), ("out_layers.3", "conv2"), ("skip_connection", "conv_shortcut"),
        ]
        return names.map { ("\(ldm).\($0.ldm)", "\(diffusers).\($0.diffusers)") }
    }

    // MARK: Autoencoder

    private static func autoencoderEnds(_ half: String) -> [Pair] {
        let ends: [Pair] = [("conv_in", "conv_in"), ("conv_out", "conv_out"), ("norm_out", "conv_norm_out")]
        let attention: [Pair] = [
            ("norm", "group_norm"), ("q", "to_q"), ("k", "to_k"), ("v", "to_v"), ("proj_out", "to_out.0"),
        ]
        return ends.map { ("\(half).\($0.ldm)", "\(half).\($0.diffusers)") }
            + attention.map {
                ("\(half).mid.attn_1.\($0.ldm)", "\(half).mid_block.attentions.0.\($0.diffusers)")
            }
            + autoencoderResnet("\(half).mid.block_1", "\(half).mid_block.resnets.0")
            + autoencoderResnet("\(half).mid.block_2", "\(half).mid_block.resnets.1")
    }

    private static let autoencoderEncoderBlocks: [Pair] = (0..<levelCount).flatMap { level -> [Pair] in
        let (ldm, diffusers) = ("encoder.down.\(level)", "encoder.down_blocks.\(level)")
        return (0..<layersPerBlock).flatMap {
            autoencoderResnet("\(ldm).block.\($0)", "\(diffusers).resnets.\($0)")
        }
            + [("\(ldm).downsample.conv", "\(diffusers).downsamplers.0.conv")]
    }

    /// LDM counts the decoder's levels from the full resolution, diffusers from the lowest.
    private static let autoencoderDecoderBlocks: [Pair] = (0..<levelCount).flatMap { level -> [Pair] in
        let (ldm, diffusers) = ("decoder.up.\(levelCount - 1 - level)", "decoder.up_blocks.\(level)")
        return (0...layersPerBlock).flatMap {
            autoencoderResnet("\(ldm).block.\($0)", "\(diffusers).resnets.\($0)")
        }
            + [("\(ldm).upsample.conv", "\(diffusers).upsamplers.0.conv")]
    }

    private static func autoencoderResnet(_ ldm: String, _ diffusers: String) -> [Pair] {
        [
            ("norm1", "norm1"), ("conv1", "conv1"), ("norm2", "norm2"), ("conv2", "conv2"),
            ("nin_shortcut", "conv_shortcut"),
        ]
        .map { ("\(ldm).\($0.0)", "\(diffusers).\($0.1)") }
    }
}
