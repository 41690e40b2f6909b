import Tensors

/// How much of a LoRA file found its place in a model.
public struct LoRAReport: Sendable, Equatable {
    /// The LoRA's file.
    public let origin: String
    /// Tensors that were merged.
    public let appliedCount: Int
    /// All tensors of the file.
    public let totalCount: Int
    /// The names of the others, sorted.
    public let unappliedNames: [String]

    /// One sentence for the user; names the first of what was left out.
    public var description: String {
        let applied = "\(origin): applied \(appliedCount) of \(totalCount) keys"
        return unappliedNames.isEmpty
            ? "\(applied)." : "\(applied); without a place: \(listed(unappliedNames))."
    }
}

/// A model's weights with LoRAs merged into them.
///
/// Merging happens each time a tensor is read, on the untouched original, so that to undo it is to read the original
/// again.
public struct LoRAMerge: Sendable {
    /// The UNet's weights with the change.
    public let unet: any WeightSource
    /// The text encoder's weights with the change.
    public let textEncoder: any WeightSource
    /// What became of each file, in the order given; files of weight 0 are not read and have none.
    public let reports: [LoRAReport]

    /// Resolves every tensor of the LoRAs to a weight of the model.
    ///
    /// - Parameters:
    ///   - loras: files with their multipliers; those of several are added in this order.
    ///   - unet: weights under diffusers' names.
    ///   - textEncoder: weights under transformers' names, with or without `text_model.` in front.
    /// - Throws: ``WeightsError/lora(origin:_:)`` for a file that fits nowhere.
    public init(
        _ loras: [(file: LoRAFile, weight: Float)], unet: any WeightSource, textEncoder: any WeightSource
    ) throws {
        let tables: [LoRAKey.Part: LoRATargets] = [
            .unet: LoRATargets(unet: unet), .textEncoder: LoRATargets(textEncoder: textEncoder),
        ]
        var changes: [LoRAKey.Part: [String: [MergedWeights.Change]]] = [:]
        var reports: [LoRAReport] = []
        for (file, weight) in loras where weight != 0 {
            var unapplied = file.unknownNames
            for (part, modules) in file.modules {
                for (flatModule, module) in modules.sorted(by: { $0.key < $1.key }) {
                    if let target = tables[part]?.target(of: module, named: flatModule, in: file) {
                        changes[part, default: [:]][target, default: []].append(
                            .init(file: file, module: module, weight: weight))
                    } else {
                        unapplied += module.names.values
                    }
                }
            }
            let total = file.source.names.count
            guard unapplied.count < total else { throw Self.misfit(of: file, unapplied: unapplied.sorted()) }
            reports.append(
                LoRAReport(
                    origin: file.origin, appliedCount: total - unapplied.count, totalCount: total,
                    unappliedNames: unapplied.sorted()))
        }
        self.reports = reports
        self.unet = MergedWeights(base: unet, changes: changes[.unet] ?? [:])
        self.textEncoder = MergedWeights(base: textEncoder, changes: changes[.textEncoder] ?? [:])
    }

    /// Says which model a LoRA was made for, by the width of the text that its cross-attention reads.
    private static func misfit(of file: LoRAFile, unapplied: [String]) -> WeightsError {
        let textInput = file.source.names.first {
            $0.contains("attn2") && $0.contains("to_k") && $0.contains("down")
        }
        switch textInput.flatMap({ file.source.shape(of: $0) })?.dropFirst().first {
        case 1024: return .lora(origin: file.origin, .otherBase("Stable Diffusion 2"))
        case 2048: return .lora(origin: file.origin, .otherBase("Stable Diffusion XL"))
        default: return .lora(origin: file.origin, .nothingFits(example: unapplied.first ?? ""))
        }
    }
}

/// One network's weights with changes added when they are read.
struct MergedWeights: WeightSource {
    struct Change: Sendable {
        let file: LoRAFile
        let module: LoRAFile.Module
        let weight: Float
    }

    let base: any WeightSource
    /// By the name of the weight they change.
    let changes: [String: [Change]]

    var origin: String { base.origin }
    var names: [String] { base.names }

    func shape(of name: String) -> [Int]? { base.shape(of: name) }

    func releasePages() { base.releasePages() }

    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        let original = try base.tensor(named: name, in: workspace)
        return try (changes[name] ?? []).reduce(original) { merged, change in
            let delta = try change.file.change(by: change.module, in: workspace)
            return merged + delta.reshaped(merged.shape) * change.weight
        }
    }
}
