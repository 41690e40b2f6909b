/// Why a file is not a TensorFlow Lite model that can be run here.
public enum TFLiteFault: Error, Equatable, Sendable, CustomStringConvertible {
    case tooShort(byteCount: Int)
    case wrongIdentifier
    /// `offset` is the byte at which the part was expected.
    case outsideFile(part: String, offset: Int)
    case tooMany(part: String, count: Int, limit: Int)
    case missing(part: String)
    case severalGraphs(count: Int)
    case wrongIndex(part: String, index: Int, count: Int)
    case badShape(tensor: String, shape: [Int])
    case elementType(tensor: String, type: String)
    case quantized(tensor: String)
    case badInput(tensor: String)
    case lengthMismatch(tensor: String, expected: Int, found: Int)
    case sparsity(tensor: String, reason: String)
    case unknownOperator(String)
    /// `index` counts the graph's operators from 0; `reason` is a clause without a full stop.
    case operation(index: Int, name: String, reason: String)
    case tooLarge(part: String, elementLimit: Int)

    /// The end of the sentence "… is not a TFLite model that can be run here: ".
    public var description: String {
        switch self {
        case .tooShort(let byteCount):
            "it has only \(byteCount) bytes. Copy or download it again."
        case .wrongIdentifier:
            "the letters TFL3 are missing at byte 4. Name a file that ends in .tflite, and is one."
        case .outsideFile(let part, let offset):
            "the part \"\(part)\", expected at byte \(offset), does not lie inside the file. "
                + "The download probably stopped early: fetch it again."
        case .tooMany(let part, let count, let limit):
            "it lists \(count) \(part), and at most \(limit) are read."
        case .missing(let part):
            "it has no \(part)."
        case .severalGraphs(let count):
            "it holds \(count) graphs, and only files with one are run."
        case .wrongIndex(let part, let index, let count):
            "\(part) \(index) is named, but there are only \(count)."
        case .badShape(let tensor, let shape):
            "tensor \(quoted(tensor)) has the impossible shape \(shape)."
        case .elementType(let tensor, let type):
            "tensor \(quoted(tensor)) is stored as \(type); only 16- and 32-bit floats are computed with."
        case .quantized(let tensor):
            "tensor \(quoted(tensor)) is quantised. Use the model's float version."
        case .badInput(let tensor):
            "its input \(quoted(tensor)) is not a value of 32-bit floats."
        case .lengthMismatch(let tensor, let expected, let found):
            "tensor \(quoted(tensor)) needs \(expected) bytes but is given \(found)."
        case .sparsity(let tensor, let reason):
            "the sparse tensor \(quoted(tensor)) cannot be filled: \(reason)."
        case .unknownOperator(let name):
            "it needs the operator \(quoted(name)), which is not known here."
        case .operation(let index, let name, let reason):
            "operator \(index) (\(name)) cannot be computed: \(reason)."
        case .tooLarge(let part, let elementLimit):
            "its \(part) have more than \(elementLimit) elements together."
        }
    }
}
