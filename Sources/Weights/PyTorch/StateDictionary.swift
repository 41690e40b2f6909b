/// The named tensors of a checkpoint, found in what its pickle describes.
struct StateDictionary {
    let tensors: [String: TensorView]

    /// Keys under which training programs put the weights, from the most to the least common.
    private static let wrappers = [
        "state_dict", "model_state_dict", "params_ema", "model", "module", "params",
    ]
    private static let nestingLimit = 4
    private static let tensorLimit = 100_000
    private static let nameLimit = 1_024

    /// Looks for tensors in `root`, through at most four levels of wrapping.
    ///
    /// What stands beside the tensors (`epoch`, `optimizer_states`, …) is ignored. A prefix `module.` that
    /// all names share comes from PyTorch's data-parallel wrapper and is dropped.
    ///
    /// - Throws: ``StateDictionaryFault``.
    init(_ root: PickleHandle, in arena: PickleArena) throws {
        var level = try Level(root, in: arena)
        for _ in 0..<Self.nestingLimit {
            guard let wrapped = Self.wrappers.lazy.compactMap({ level.dictionaries[$0] }).first,
                level.tensors.isEmpty || level.dictionaries["state_dict"] != nil
            else { break }
            level = try Level(wrapped, in: arena)
        }
        guard !level.tensors.isEmpty else { throw StateDictionaryFault.noTensors }
        guard level.tensors.count <= Self.tensorLimit else { throw StateDictionaryFault.tooManyTensors }
        if let name = level.tensors.keys.first(where: { $0.utf8.count > Self.nameLimit }) {
            throw StateDictionaryFault.nameTooLong(name.utf8.count)
        }
        let prefix = "module."
        guard level.tensors.keys.allSatisfy({ $0.hasPrefix(prefix) }) else {
            tensors = level.tensors
            return
        }
        tensors = Dictionary(
            uniqueKeysWithValues: level.tensors.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }

    /// One dictionary, sorted by what its values are.
    private struct Level {
        var tensors: [String: TensorView] = [:]
        var dictionaries: [String: PickleHandle] = [:]

        init(_ handle: PickleHandle, in arena: PickleArena) throws {
            guard case .dictionary(let pairs) = arena[handle] else { throw StateDictionaryFault.noTensors }
            for (key, value) in pairs {
                guard case .string(let name) = arena[key] else { continue }
                switch arena[value] {
                case .tensor(let view):
                    guard tensors.updateValue(view, forKey: name) == nil else {
                        throw StateDictionaryFault.duplicateName(name)
                    }
                case .dictionary: dictionaries[name] = value
                default: break
                }
            }
        }
    }
}

/// Why no weights were found in a checkpoint that could be read.
public enum StateDictionaryFault: Error, Equatable, Sendable {
    case noTensors
    case tooManyTensors
    case nameTooLong(Int)
    case duplicateName(String)

    /// The end of the sentence "… holds no usable weights: ".
    public var description: String {
        switch self {
        case .noTensors:
            "there are no named tensors in it. A whole pickled model must first be saved as its state_dict()."
        case .tooManyTensors: "it lists more than 100000 tensors."
        case .nameTooLong(let length): "one tensor has a name of \(length) bytes."
        case .duplicateName(let name): "tensor \(quoted(name)) occurs twice."
        }
    }
}
