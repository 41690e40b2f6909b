import Tensors
import Weights

/// The constants of a file, read once, and those that operators make of them, while a graph is being built.
final class TFLiteConstants {
    private let file: TFLiteFile
    private let workspace: Workspace
    private var known: [Int: Tensor] = [:]
    private var elementCount = 0

    /// Half a gigabyte: files of this kind have a fiftieth.
    private static let elementLimit = 1 << 27

    init(_ file: TFLiteFile, _ workspace: Workspace) {
        (self.file, self.workspace) = (file, workspace)
    }

    func contains(_ index: Int) -> Bool { known[index] != nil || file.tensors[index].isConstant }

    func set(_ index: Int, _ value: Tensor) throws {
        try count(value.shape)
        known[index] = value
    }

    /// The constant with that index; `nil` if the tensor is computed.
    func tensor(_ index: Int) throws -> Tensor? {
        if let tensor = known[index] { return tensor }
        guard file.tensors[index].isConstant else { return nil }
        try count(file.tensors[index].shape)
        let tensor = try file.floats(index, in: workspace)
        known[index] = tensor
        return tensor
    }

    private func count(_ shape: [Int]) throws {
        elementCount += shape.reduce(1, *)
        guard elementCount <= Self.elementLimit else {
            throw WeightsError.tflite(
                file: file.origin, .tooLarge(part: "constants", elementLimit: Self.elementLimit))
        }
    }
}
