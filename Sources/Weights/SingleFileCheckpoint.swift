/// A Stable Diffusion 1.x checkpoint in one file, in the layout of the original code: UNet, autoencoder and text
/// encoder under the names that diffusers gives them.
///
/// Other contents of such files (moving averages, noise schedules, training state) are left aside.
public struct SingleFileCheckpoint: Sendable {
    /// The denoiser, under the names of `unet/diffusion_pytorch_model.safetensors`.
    public let unet: any WeightSource
    /// The autoencoder, under the names of `vae/diffusion_pytorch_model.safetensors`.
    public let autoencoder: any WeightSource
    /// The text encoder, under the names of `text_encoder/model.safetensors` with `text_model.` in front.
    public let textEncoder: any WeightSource

    private static let unetPrefix = "model.diffusion_model."
    private static let autoencoderPrefix = "first_stage_model."
    private static let textEncoderPrefix = "cond_stage_model.transformer."

    /// Sorts the tensors of a checkpoint.
    ///
    /// - Throws: ``WeightsError/wrongArchitecture(origin:found:)`` if it is another kind of model.
    public init(_ source: any WeightSource) throws {
        if let found = Self.otherArchitecture(of: source) {
            throw WeightsError.wrongArchitecture(origin: source.origin, found: found)
        }
        unet = Self.part("UNet", of: source, prefix: Self.unetPrefix) { name, shape in
            // An unknown name stays as it is, so that building the network reports it.
            (StableDiffusionKeyMap.translate(name, by: StableDiffusionKeyMap.unet) ?? name, shape)
        }
        autoencoder = Self.part("autoencoder", of: source, prefix: Self.autoencoderPrefix) { name, shape in
            // A discriminator's weights are left over from training.
            guard !name.hasPrefix("loss.") else { return nil }
            let translated =
                StableDiffusionKeyMap.translate(name, by: StableDiffusionKeyMap.autoencoder) ?? name
            // LDM keeps the attention's linear layers as 1 × 1 convolutions.
            let isConvolution = shape.count == 4 && translated.contains(".attentions.")
            return (translated, isConvolution ? Array(shape.prefix(2)) : shape)
        }
        textEncoder = Self.part("text encoder", of: source, prefix: Self.textEncoderPrefix) { name, shape in
            // Positions are 0…76 whatever the file says: merged checkpoints hold them rounded.
            guard !name.hasSuffix("position_ids") else { return nil }
            return (name.hasPrefix("text_model.") ? name : "text_model.\(name)", shape)
        }
    }

    private static func part(
        _ title: String, of source: any WeightSource, prefix: String,
        translate: (String, [Int]) -> (name: String, shape: [Int])?
    ) -> RenamedWeights {
        var originals: [String: RenamedWeights.Original] = [:]
        for name in source.names where name.hasPrefix(prefix) {
            guard let shape = source.shape(of: name),
                let translated = translate(String(name.dropFirst(prefix.count)), shape)
            else { continue }
            originals[translated.name] = .init(name: name, shape: translated.shape)
        }
        return RenamedWeights(source, part: title, originals: originals)
    }

    /// What the file holds instead of Stable Diffusion 1, in words; `nil` if it is that.
    private static func otherArchitecture(of source: any WeightSource) -> String? {
        let names = source.names
        func holds(_ prefix: String) -> Bool { names.contains { $0.hasPrefix(prefix) } }
        guard holds(unetPrefix) else {
            if names.contains(where: { $0.contains("lora_") }) { return "a LoRA; give it with --lora" }
            if holds("local_fac_prj.") { return "a face adapter; give it with --adapter" }
            if holds("patch_embed.") { return "an identity encoder; give it with --encoder" }
            if holds("control_model.") { return "a ControlNet; give it with --controlnet" }
            if holds("double_blocks.") || holds("transformer_blocks.") { return "a diffusion transformer" }
            return "no Stable Diffusion checkpoint: it has no tensors below \(quoted(unetPrefix))"
        }
        if holds("conditioner.embedders.") { return "a Stable Diffusion XL model" }
        if holds("cond_stage_model.model.") { return "a Stable Diffusion 2 model" }
        switch source.shape(of: "\(unetPrefix)input_blocks.0.0.weight")?.dropFirst().first {
        case 8: return "an InstructPix2Pix model, which redraws a given picture"
        case 9: return "an inpainting model, which fills holes of a given picture"
        default: return nil
        }
    }
}
