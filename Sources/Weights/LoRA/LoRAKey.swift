/// What one tensor of a LoRA file is, read from its name.
///
/// The dialects are those of kohya's trainer (`lora_unet_…lora_down.weight`), of diffusers' attention processors
/// (`…processor.to_q_lora.down.weight`), of diffusers and transformers layers (`….lora_linear_layer.down.weight`,
/// `….lora.down.weight`) and of PEFT (`….lora_A.weight`).
struct LoRAKey {
    /// The tensor's part in the change of one weight matrix.
    enum Role: Hashable {
        /// [rank, inputs, …]: first into the narrow space.
        case down
        /// [outputs, rank, …]: then out of it.
        case up
        /// [rank, rank, height, width]: between the two (Tucker form of LoCon).
        case middle
        /// A number: the change is scaled by alpha / rank.
        case alpha
    }

    /// The network that the weight belongs to.
    enum Part: Hashable {
        case unet
        case textEncoder
    }

    let part: Part
    let role: Role
    /// The module's path with every dot written as an underscore: what all dialects have in common, since kohya's
    /// names cannot be told apart further.
    let flatModule: String

    /// Ends of names and their roles; the longer of two that match comes first.
    private static let endings: [(String, Role)] = [
        (".lora_down.weight", .down), (".lora_up.weight", .up), (".lora_mid.weight", .middle),
        (".alpha", .alpha),
        (".lora_linear_layer.down.weight", .down), (".lora_linear_layer.up.weight", .up),
        (".lora.down.weight", .down), (".lora.up.weight", .up),
        ("_lora.down.weight", .down), ("_lora.up.weight", .up),
        (".lora_A.default.weight", .down), (".lora_B.default.weight", .up),
        (".lora_A.weight", .down), (".lora_B.weight", .up), (".lora_A", .down), (".lora_B", .up),
    ]

    /// Beginnings of names and the networks they stand for; a name with none of them is the UNet's.
    private static let beginnings: [(String, Part)] = [
        ("lora_unet_", .unet), ("lycoris_unet_", .unet), ("unet.", .unet),
        ("lora_te1_", .textEncoder), ("lora_te_", .textEncoder), ("lycoris_te_", .textEncoder),
        ("text_encoder.", .textEncoder),
    ]

    /// Reads a name; `nil` if it is in none of the dialects.
    init?(_ name: String) {
        guard let (ending, role) = Self.endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
        var module = String(name.dropLast(ending.count))
        let wrapper = "base_model.model."
        if module.hasPrefix(wrapper) { module.removeFirst(wrapper.count) }
        let beginning = Self.beginnings.first { module.hasPrefix($0.0) }
        module.removeFirst(beginning?.0.count ?? 0)
        if ending.hasPrefix("_lora") {
            // diffusers' processors stood in for the attention's own layers, and left out the list index of to_out.
            module = module.split(separator: ".").filter { $0 != "processor" }.joined(separator: ".")
            if module.hasSuffix("to_out") { module += ".0" }
        }
        self.role = role
        part = beginning?.1 ?? .unet
        flatModule = module.split(separator: ".").joined(separator: "_")
    }

    /// Kinds of adapters that change weights in other ways, by what their names contain.
    private static let refusedKinds = [
        ("dora_scale", "DoRA"), ("lora_magnitude_vector", "DoRA"), ("hada_", "LoHa"), ("lokr_", "LoKr"),
        ("oft_", "OFT"), (".on_input", "IA3"), (".a1.weight", "GLoRA"), (".diff", "full-difference"),
        ("lora_te2_", "Stable Diffusion XL LoRA"), ("text_encoder_2.", "Stable Diffusion XL LoRA"),
    ]

    /// The kind of adapter that a name shows and that cannot be merged here; `nil` if it shows none.
    static func refusedKind(_ name: String) -> String? {
        refusedKinds.first { name.contains($0.0) }?.1
    }
}
