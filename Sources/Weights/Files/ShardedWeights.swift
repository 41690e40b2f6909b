import Tensors

/// Weights spread over several files, with an index that says which file holds which tensor.
///
/// The index is `{"metadata": {…}, "weight_map": {"tensor": "file", …}}`, as transformers writes it.
struct ShardedWeights: WeightSource {
    let origin: String
    let names: [String]
    private let shards: [String: any WeightSource]
    private let shardOfTensor: [String: String]

    /// Reads the index and opens every shard it names.
    ///
    /// - Throws: ``WeightsError/shardIndex(file:reason:)`` for an index that is damaged, that names files outside its
    ///   folder, or tensors that their shard does not hold; and what is wrong with a shard.
    init(index: String) throws {
        let map = try Self.weightMap(of: index)
        let folder = index.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        var shards: [String: any WeightSource] = [:]
        for file in Set(map.values).sorted() {
            // The index comes from a stranger: it must not lead out of its folder.
            guard !file.isEmpty, !file.contains("/"), !file.contains("\\"), !file.hasPrefix(".") else {
                throw WeightsError.shardIndex(
                    file: index, reason: "it names the file \(quoted(file)) outside its folder")
            }
            shards[file] = try WeightFile.open("\(folder)/\(file)")
        }
        for (name, file) in map where shards[file]?.shape(of: name) == nil {
            throw WeightsError.shardIndex(
                file: index, reason: "\(quoted(file)) does not hold the tensor \(quoted(name)) that it should"
            )
        }
        origin = index
        names = map.keys.sorted()
        self.shards = shards
        shardOfTensor = map
    }

    private static func weightMap(of index: String) throws -> [String: String] {
        let file = try MappedFile(path: index)
        guard file.bytes.count <= 64 << 20, String(validating: file.bytes, as: UTF8.self) != nil else {
            throw WeightsError.shardIndex(file: index, reason: "it is not JSON text")
        }
        var map: [String: String] = [:]
        do {
            var scanner = JSONScanner(file.bytes)
            try scanner.object { scanner, key in
                guard key == "weight_map" else { return try scanner.skipValue() }
                try scanner.object { scanner, name in
                    guard map.updateValue(try scanner.string(), forKey: name) == nil else {
                        throw WeightsError.shardIndex(
                            file: index, reason: "it names the tensor \(quoted(name)) twice")
                    }
                }
            }
        } catch let fault as JSONFault {
            throw WeightsError.shardIndex(
                file: index, reason: "\(fault.expected) was expected at byte \(fault.offset)")
        }
        guard !map.isEmpty else {
            throw WeightsError.shardIndex(file: index, reason: "it has no \"weight_map\"")
        }
        return map
    }

    func shape(of name: String) -> [Int]? { shard(of: name)?.shape(of: name) }

    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        guard let shard = shard(of: name) else {
            throw WeightsError.missingTensor(origin: origin, name: name)
        }
        return try shard.tensor(named: name, in: workspace)
    }

    func releasePages() { shards.values.forEach { $0.releasePages() } }

    private func shard(of name: String) -> (any WeightSource)? {
        shardOfTensor[name].flatMap { shards[$0] }
    }
}
