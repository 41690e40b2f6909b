/// The few calls in a pickle that mean something for weights.
extension Unpickler {
    /// Replaces a recognised callable and its arguments by the value they describe.
    mutating func reduce(_ callable: PickleHandle, _ arguments: PickleHandle) throws {
        guard case .global(let global) = arena[callable] else {
            guard case .opaque = arena[callable] else { throw misplaced(needs: "something to call") }
            return try push(.opaque)
        }
        guard case .tuple(let values) = arena[arguments] else {
            throw misplaced(needs: "a tuple of arguments")
        }
        switch global {
        case .orderedDictionary: try push(.dictionary(pairs(values)))
        case .rebuildTensor, .rebuildTensorV2: try push(.tensor(view(values, type: nil)))
        case .rebuildTensorV3:
            guard values.count >= 7, case .global(.elementType(let type)) = arena[values[6]] else {
                throw misplaced(needs: "an element type")
            }
            try push(.tensor(view(values, type: type)))
        case .rebuildParameter:
            guard let tensor = values.first else { throw misplaced(needs: "a tensor") }
            try push(tensor)
        case .rebuildFromType:
            guard values.count >= 3 else { throw misplaced(needs: "a function, a type and arguments") }
            if case .global(.rebuildFromType) = arena[values[0]] {
                throw misplaced(needs: "another function")
            }
            try reduce(values[0], values[2])
        case .size:
            guard values.count == 1 else { throw misplaced(needs: "one tuple") }
            try push(values[0])
        case .storage, .untypedStorage, .elementType, .inert: try push(.opaque)
        }
    }

    /// Replaces a persistent identifier by the storage it names.
    ///
    /// Since PyTorch 1.6 it is ("storage", class, key, location, count); older files add a view, which must
    /// be none.
    mutating func pushStorage(_ identifier: PickleHandle) throws {
        guard case .tuple(let values) = arena[identifier], values.count == 5 || values.count == 6,
            case .string("storage") = arena[values[0]], case .global(let kind) = arena[values[1]],
            case .string(let key) = arena[values[2]], case .integer(let count) = arena[values[4]]
        else { throw misplaced(needs: "a reference to a storage") }
        if values.count == 6 {
            guard case .none = arena[values[5]] else { throw misplaced(needs: "a storage that is no view") }
        }
        guard (1...20).contains(key.utf8.count), key.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw misplaced(needs: "a storage key of digits")
        }
        guard count >= 0 else { throw misplaced(needs: "a storage of positive size") }
        switch kind {
        case .storage(let type): try push(.storage(StorageReference(key: key, type: type, count: Int(count))))
        case .untypedStorage: try push(.storage(StorageReference(key: key, type: nil, count: Int(count))))
        default: throw misplaced(needs: "a class of storages")
        }
    }

    /// The view described by (storage, offset, size, stride, …).
    private func view(_ values: [PickleHandle], type: ElementType?) throws -> TensorView {
        guard values.count >= 4, case .storage(let storage) = arena[values[0]],
            case .integer(let offset) = arena[values[1]]
        else { throw misplaced(needs: "a storage and an offset") }
        guard let type = type ?? storage.type else { throw misplaced(needs: "a typed storage") }
        let view = TensorView(
            storage: storage, type: type, offset: Int(offset), shape: try integers(values[2]),
            strides: try integers(values[3]))
        if let fault = view.fault {
            throw PickleFault.malformedTensor(offset: self.offset - 1, reason: fault)
        }
        return view
    }

    private func integers(_ handle: PickleHandle) throws -> [Int] {
        let values: [PickleHandle]
        switch arena[handle] {
        case .tuple(let elements), .list(let elements): values = elements
        default: throw misplaced(needs: "a tuple of numbers")
        }
        return try values.map { value in
            guard case .integer(let number) = arena[value] else {
                throw misplaced(needs: "a tuple of numbers")
            }
            return Int(number)
        }
    }

    /// The content of an OrderedDict made from a list of pairs; the usual call has no arguments.
    private func pairs(_ arguments: [PickleHandle]) throws -> [(key: PickleHandle, value: PickleHandle)] {
        guard let first = arguments.first else { return [] }
        guard arguments.count == 1, case .list(let elements) = arena[first] else {
            throw misplaced(needs: "a list of pairs")
        }
        return try elements.map { element in
            switch arena[element] {
            case .tuple(let pair) where pair.count == 2: return (pair[0], pair[1])
            case .list(let pair) where pair.count == 2: return (pair[0], pair[1])
            default: throw misplaced(needs: "a list of pairs")
            }
        }
    }
}

/// All values of a pickle.
struct PickleArena {
    fileprivate var nodes: [PickleNode] = []

    subscript(handle: PickleHandle) -> PickleNode { nodes[Int(handle)] }

    mutating func add(_ node: PickleNode) throws -> PickleHandle {
        guard nodes.count < Unpickler.Limit.nodes else {
            throw PickleFault.exceeds(limit: "\(Unpickler.Limit.nodes) values")
        }
        nodes.append(node)
        return PickleHandle(nodes.count - 1)
    }

    /// Extends a list; `false` if there is none.
    ///
    /// A value without content swallows what is added to it.
    mutating func append(_ values: [PickleHandle], to handle: PickleHandle) -> Bool {
        switch nodes[Int(handle)] {
        case .list(var elements):
            nodes[Int(handle)] = .none
            elements += values
            nodes[Int(handle)] = .list(elements)
            return true
        case .opaque: return true
        default: return false
        }
    }

    /// Adds alternating keys and values to a dictionary; `false` if there is none.
    mutating func setItems(_ values: [PickleHandle], of handle: PickleHandle) -> Bool {
        switch nodes[Int(handle)] {
        case .dictionary(var pairs):
            nodes[Int(handle)] = .none
            for index in stride(from: 0, to: values.count, by: 2) {
                pairs.append((values[index], values[index + 1]))
            }
            nodes[Int(handle)] = .dictionary(pairs)
            return true
        case .opaque: return true
        default: return false
        }
    }
}

extension PickleArena {
    /// All storages that any value refers to, by key.
    ///
    /// - Throws: ``TorchFault/damagedStorageList`` if two references to one storage disagree.
    func storages() throws -> [String: StorageReference] {
        var storages: [String: StorageReference] = [:]
        for case .storage(let reference) in nodes {
            guard storages.updateValue(reference, forKey: reference.key) ?? reference == reference else {
                throw TorchFault.damagedStorageList
            }
        }
        return storages
    }
}
