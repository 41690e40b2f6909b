import Foundation
import Tensors
import TestSupport
import Weights

/// Weights that a short list describes, so that networks of their published size need no file; `generated_weights.py`
/// says how they are made.
struct GeneratedWeights: WeightSource {
    private struct Entry: Decodable {
        let name: String
        let alias: String?
        let shape: [Int]
        let offset: Float
        let scale: Float
    }

    /// Under which names the tensors are shown.
    enum Naming {
        /// Those of the published file.
        case published
        /// Those of the module that the public code loads the file into.
        case module
        /// The published ones behind a prefix.
        case prefixed(String)
    }

    let origin: String
    let names: [String]
    /// Each with the seed of its numbers.
    private let entries: [String: (seed: UInt64, entry: Entry)]

    /// - Parameter fixture: the list's name, without `.json`.
    init(_ fixture: String, naming: Naming) throws {
        let file = URL(fileURLWithPath: try Fixture.path(bundle: .module, "\(fixture).json"))
        let list = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file))
        let pairs = list.enumerated().map { seed, entry in
            let name =
                switch naming {
                case .published: entry.name
                case .module: entry.alias ?? entry.name
                case .prefixed(let prefix): prefix + entry.name
                }
            return (name, (seed: UInt64(seed), entry: entry))
        }
        entries = Dictionary(uniqueKeysWithValues: pairs)
        names = entries.keys.sorted()
        origin = fixture
    }

    func shape(of name: String) -> [Int]? { entries[name]?.entry.shape }

    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        guard let (seed, entry) = entries[name] else {
            throw WeightsError.missingTensor(origin: origin, name: name)
        }
        var generator = RepeatableGenerator(seed: seed)
        return Tensor(shape: entry.shape, in: workspace) { values in
            for index in values.indices {
                let fraction = Float(generator.next() >> 40) * 0x1p-23 - 1
                values[index] = entry.offset + entry.scale * fraction
            }
        }
    }

    func releasePages() {}

    /// The tensors as the root of a tree of weights.
    func scope(in workspace: Workspace) -> WeightScope { WeightScope(self, in: workspace) }
}
