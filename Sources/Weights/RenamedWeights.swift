import Tensors

/// A source seen under other names and, where two dialects keep the same numbers in another shape, other shapes.
struct RenamedWeights: WeightSource {
    /// Where a tensor is in the source, and the shape it is given.
    struct Original: Sendable {
        let name: String
        let shape: [Int]
    }

    let origin: String
    let names: [String]
    private let source: any WeightSource
    private let originals: [String: Original]

    /// - Parameter originals: the tensors to show, by their new names.
    init(_ source: any WeightSource, part: String, originals: [String: Original]) {
        self.source = source
        self.originals = originals
        origin = "\(source.origin) (\(part))"
        names = originals.keys.sorted()
    }

    func releasePages() { source.releasePages() }

    func shape(of name: String) -> [Int]? { originals[name]?.shape }

    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        guard let original = originals[name] else {
            throw WeightsError.missingTensor(origin: origin, name: name)
        }
        return try source.tensor(named: original.name, in: workspace).reshaped(original.shape)
    }
}
