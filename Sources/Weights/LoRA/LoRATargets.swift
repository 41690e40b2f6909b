/// The weights of a network by the flattened names that LoRA files use for them.
///
/// The table is built from the network's own names: an underscore in a LoRA's name may have been a dot or not, so it
/// cannot be taken apart.
struct LoRATargets {
    private let source: any WeightSource
    private let weights: [String: String]

    /// A UNet's weights under diffusers' names, found by those and by the original code's names.
    init(unet: any WeightSource) {
        let originals = Dictionary(grouping: StableDiffusionKeyMap.unet, by: \.value).mapValues {
            $0.map(\.key)
        }
        self.init(unet) { module in
            [module] + Self.originalNames(of: module, by: originals)
        }
    }

    /// A text encoder's weights; transformers 5 leaves out the `text_model.` that LoRA files have.
    init(textEncoder: any WeightSource) {
        self.init(textEncoder) { module in
            module.hasPrefix("text_model.") ? [module] : ["text_model.\(module)"]
        }
    }

    private init(_ source: any WeightSource, aliases: (String) -> [String]) {
        let ending = ".weight"
        var weights: [String: String] = [:]
        for name in source.names where name.hasSuffix(ending) {
            for alias in aliases(String(name.dropLast(ending.count))) {
                weights[alias.split(separator: ".").joined(separator: "_")] = name
            }
        }
        self.source = source
        self.weights = weights
    }

    private static func originalNames(of module: String, by originals: [String: [String]]) -> [String] {
        var end = module.endIndex
        while true {
            if let names = originals[String(module[..<end])] { return names.map { $0 + module[end...] } }
            guard let dot = module[..<end].lastIndex(of: ".") else { return [] }
            end = dot
        }
    }

    /// The weight that a module changes; `nil` if there is none or its size does not fit.
    func target(of module: LoRAFile.Module, named flatModule: String, in file: LoRAFile) -> String? {
        guard let name = weights[flatModule], let shape = source.shape(of: name),
            let down = module.names[.down].flatMap({ file.source.shape(of: $0) }),
            let up = module.names[.up].flatMap({ file.source.shape(of: $0) }),
            let rank = down.first, rank > 0, let outputs = up.first, outputs == shape.first
        else { return nil }
        let kernel =
            module.names[.middle].flatMap { file.source.shape(of: $0) }?.dropFirst(2).reduce(1, *) ?? 1
        let inputs = down.dropFirst().reduce(1, *) * kernel
        return inputs == shape.dropFirst().reduce(1, *) ? name : nil
    }
}
