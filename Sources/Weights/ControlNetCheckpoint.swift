/// A ControlNet's weights under diffusers' names, whatever the file calls them.
public struct ControlNetCheckpoint: Sendable {
    /// The network, under the names of `diffusion_pytorch_model.safetensors`.
    public let network: any WeightSource
    /// Whether the file is in the format of lllyasviel/ControlNet, which exists for Stable Diffusion 1 and 2 only and
    /// comes without sizes.
    public let isOriginalFormat: Bool

    private static let prefix = "control_model."

    /// Tells the format from the tensors' names.
    ///
    /// A file that holds Stable Diffusion as well, as the first released ones do, yields its ControlNet only.
    ///
    /// - Throws: ``WeightsError/notControlNet(origin:found:)``.
    public init(_ source: any WeightSource) throws {
        if source.shape(of: "controlnet_mid_block.weight") != nil {
            network = source
            isOriginalFormat = false
        } else if let prefix = Self.originalPrefix(of: source) {
            network = Self.translated(source, prefix: prefix)
            isOriginalFormat = true
        } else {
            throw WeightsError.notControlNet(origin: source.origin, found: Self.otherContents(of: source))
        }
    }

    /// What stands before the original names: extracted files lack the prefix.
    private static func originalPrefix(of source: any WeightSource) -> String? {
        [prefix, ""].first { source.shape(of: "\($0)input_hint_block.0.weight") != nil }
    }

    private static func translated(_ source: any WeightSource, prefix: String) -> RenamedWeights {
        var originals: [String: RenamedWeights.Original] = [:]
        for name in source.names where name.hasPrefix(prefix) {
            let own = String(name.dropFirst(prefix.count))
            // An unknown name stays as it is, so that building the network reports it.
            let new = StableDiffusionKeyMap.translate(own, by: StableDiffusionKeyMap.controlNet) ?? own
            originals[new] = .init(name: name, shape: source.shape(of: name) ?? [])
        }
        return RenamedWeights(source, part: "ControlNet", originals: originals)
    }

    /// What the file holds instead, in words.
    private static func otherContents(of source: any WeightSource) -> String {
        func holds(_ part: String) -> Bool { source.names.contains { $0.contains(part) } }
        if holds("lora_") || holds("lllite_") { return "a LoRA" }
        if holds("up_blocks.") || holds("output_blocks.") { return "a model's denoiser" }
        if holds("body.") && holds("adapter.") || holds("body.0.block1.") { return "a T2I adapter" }
        return "something else: it has no tensor \(quoted("controlnet_mid_block.weight"))"
    }
}
