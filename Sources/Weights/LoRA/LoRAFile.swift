import Tensors

/// A low-rank adaptation of a model (Hu et al. 2021, https://arxiv.org/abs/2106.09685): for some of its weights W, two
/// narrow matrices whose product is added to W.
public struct LoRAFile: Sendable {
    /// The tensors that change one weight.
    struct Module: Sendable {
        var names: [LoRAKey.Role: String] = [:]
    }

    let source: any WeightSource
    let modules: [LoRAKey.Part: [String: Module]]
    /// Names in no dialect that is known here.
    let unknownNames: [String]

    /// Where it was read from.
    public var origin: String { source.origin }

    /// Sorts the tensors of a file; reads none.
    ///
    /// - Throws: ``WeightsError/lora(origin:_:)`` if the file holds another kind of adapter or no LoRA at all.
    public init(_ source: any WeightSource) throws {
        if let kind = source.names.lazy.compactMap(LoRAKey.refusedKind).first {
            throw WeightsError.lora(origin: source.origin, .unsupportedKind(kind))
        }
        var modules: [LoRAKey.Part: [String: Module]] = [:]
        var unknownNames: [String] = []
        for name in source.names {
            if let key = LoRAKey(name) {
                modules[key.part, default: [:]][key.flatModule, default: Module()].names[key.role] = name
            } else {
                unknownNames.append(name)
            }
        }
        guard !modules.isEmpty else { throw WeightsError.lora(origin: source.origin, .noLoRA) }
        self.source = source
        self.modules = modules
        self.unknownNames = unknownNames
    }

    /// The change that a module makes at weight 1, flattened to [outputs, inputs × height × width].
    ///
    ///     ΔW = alpha / rank · up · down
    ///
    /// A file without alpha means alpha = rank.
    func change(by module: Module, in workspace: Workspace) throws -> Tensor {
        guard let downName = module.names[.down], let upName = module.names[.up] else {
            throw WeightsError.lora(
                origin: origin, .incompleteModule(module.names.values.sorted().first ?? ""))
        }
        let down = try tensor(downName, in: workspace)
        let up = try tensor(upName, in: workspace)
        let rank = down.shape[0]
        guard rank > 0, rank <= 4096, up.count % rank == 0, up.shape.count > 1, up.shape[1] == rank else {
            throw WeightsError.lora(origin: origin, .ranksDiffer(upName, up: up.shape, down: down.shape))
        }
        var inner = down.reshaped([rank, down.count / rank])
        if let middleName = module.names[.middle] {
            inner = try folded(try tensor(middleName, in: workspace), middleName, into: inner, rank: rank)
        }
        let scale = try module.names[.alpha].map { try alpha($0, in: workspace) / Float(rank) } ?? 1
        return matrixProduct(up.reshaped([up.count / rank, rank]), inner) * scale
    }

    /// The Tucker form: the middle [rank, rank, height, width] applied before the down projection [rank, inputs].
    ///
    /// - Returns: [rank, inputs × height × width].
    private func folded(_ middle: Tensor, _ name: String, into down: Tensor, rank: Int) throws -> Tensor {
        guard middle.shape.count == 4, middle.shape[0] == rank, middle.shape[1] == rank else {
            throw WeightsError.lora(origin: origin, .ranksDiffer(name, up: middle.shape, down: down.shape))
        }
        let (height, width, inputs) = (middle.shape[2], middle.shape[3], down.shape[1])
        let rows = middle.transposed([0, 2, 3, 1]).reshaped([rank * height * width, rank])
        return matrixProduct(rows, down).reshaped([rank, height, width, inputs]).transposed([0, 3, 1, 2])
            .reshaped([rank, inputs * height * width])
    }

    private func alpha(_ name: String, in workspace: Workspace) throws -> Float {
        let tensor = try tensor(name, in: workspace)
        guard tensor.count == 1, let value = tensor.values.first, abs(value) <= 1e6 else {
            throw WeightsError.lora(origin: origin, .badAlpha(name))
        }
        return value
    }

    private func tensor(_ name: String, in workspace: Workspace) throws -> Tensor {
        let tensor = try source.tensor(named: name, in: workspace)
        let faults = tensor.values.count { !$0.isFinite }
        guard faults == 0 else { throw WeightsError.notFinite(origin: origin, name: name, count: faults) }
        return tensor
    }
}

/// What can be wrong with a LoRA file.
public enum LoRAFault: Error, Equatable, Sendable {
    case unsupportedKind(String)
    case noLoRA
    case incompleteModule(String)
    case ranksDiffer(String, up: [Int], down: [Int])
    case badAlpha(String)
    case nothingFits(example: String)
    case otherBase(String)

    /// The end of a sentence that begins with the file's name.
    public var description: String {
        switch self {
        case .unsupportedKind(let kind):
            "is an adapter of the kind \(kind), which cannot be merged here; LoRA and LoCon files can."
        case .noLoRA:
            "holds no LoRA: none of its tensors has a name that LoRA trainers use."
        case .incompleteModule(let name):
            "is incomplete: \(quoted(name)) has no counterpart."
        case .ranksDiffer(let name, let up, let down):
            "is damaged: \(quoted(name)) of shape \(up) does not fit its counterpart of shape \(down)."
        case .badAlpha(let name):
            "is damaged: \(quoted(name)) is not one number of a sensible size."
        case .nothingFits(let example):
            "fits no layer of this model, \(quoted(example)) for one."
        case .otherBase(let base):
            "was made for \(base), and this is a Stable Diffusion 1.x model."
        }
    }
}
