import Tensors
import Weights

/// Weights whose values follow from their names, so that a test of a large network needs no large file.
///
/// `make_controlnet_fixtures.py` makes the same numbers: SplitMix64 seeded with the FNV-1a hash of the name, its upper
/// 24 bits as a number u in -1..<1; 1 + u / 5 for scales of norms, u / 5 for biases, and for all other weights u times
/// a factor that keeps activations near 1.
public struct RandomWeights: WeightSource {
    private let shapes: [String: [Int]]
    private let group: String

    /// - Parameters:
    ///   - shapes: of all tensors, by name.
    ///   - group: tells equally named tensors of two networks apart.
    public init(shapes: [String: [Int]], group: String) {
        self.shapes = shapes
        self.group = group
    }

    /// The group.
    public var origin: String { group }
    /// The names of all tensors, sorted.
    public var names: [String] { shapes.keys.sorted() }

    /// The shape of a tensor.
    public func shape(of name: String) -> [Int]? { shapes[name] }

    /// There is no file.
    public func releasePages() {}

    /// Makes a tensor.
    public func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        guard let shape = shapes[name] else { throw WeightsError.missingTensor(origin: origin, name: name) }
        let isVector = shape.count == 1
        let inputs = shape.dropFirst().reduce(1, *)
        let factor: Float = isVector ? 0.2 : Float(1.2 * (3 / Double(inputs)).squareRoot())
        let offset: Float = isVector && name.hasSuffix("weight") ? 1 : 0
        var generator = RepeatableGenerator(seed: Self.hash("\(group).\(name)"))
        return Tensor(shape: shape, in: workspace) { values in
            for index in values.indices {
                let unit = Float(generator.next() >> 40) * 0x1p-23 - 1
                values[index] = unit * factor + offset
            }
        }
    }

    /// FNV-1a with 64 bits (Fowler, Noll and Vo; RFC 9923).
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
