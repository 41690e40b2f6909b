/// Why a file is not a valid safetensors file.
public enum SafetensorsFault: Error, Equatable, Sendable, CustomStringConvertible {
    case tooShort(byteCount: Int)
    case headerTooLong(UInt64)
    case headerBeyondFile(header: Int, file: Int)
    case headerNotUTF8
    case malformedHeader(JSONFault)
    case duplicateName(String)
    case nameTooLong(Int)
    case tooManyTensors
    case unknownElementType(tensor: String, type: String)
    case offsetsOutOfPlace(tensor: String, begin: Int, end: Int, expectedBegin: Int)
    case sizeOverflow(tensor: String, shape: [Int])
    case partialByte(tensor: String, bits: Int)
    case lengthMismatch(tensor: String, expected: Int, found: Int)
    case truncated(missing: Int)
    case trailingBytes(count: Int)

    /// The end of the sentence "… is not a valid safetensors file: ".
    public var description: String {
        switch self {
        case .tooShort(let byteCount):
            "it has only \(byteCount) bytes. Copy or download it again."
        case .headerTooLong(let length):
            "its header claims \(length) bytes, more than the format allows."
        case .headerBeyondFile(let header, let file):
            "its header of \(header) bytes does not fit into the file's \(file) bytes. "
                + "The download probably stopped early: fetch it again."
        case .headerNotUTF8:
            "its header is not UTF-8 text."
        case .malformedHeader(let fault):
            "its header needs \(fault.expected) at byte \(fault.offset)."
        case .duplicateName(let name):
            "its header names \(quoted(name)) twice."
        case .nameTooLong(let length):
            "its header holds a tensor name of \(length) bytes."
        case .tooManyTensors:
            "it lists more than \(SafetensorsHeader.tensorLimit) tensors."
        case .unknownElementType(let tensor, let type):
            "tensor \(quoted(tensor)) has the unknown element type \(quoted(type))."
        case .offsetsOutOfPlace(let tensor, let begin, let end, let expectedBegin):
            "tensor \(quoted(tensor)) claims bytes \(begin) to \(end), "
                + "but bytes are taken up to \(expectedBegin)."
        case .sizeOverflow(let tensor, let shape):
            "the size of tensor \(quoted(tensor)) with shape \(shape) overflows."
        case .partialByte(let tensor, let bits):
            "tensor \(quoted(tensor)) has \(bits) bits, which is not a whole number of bytes."
        case .lengthMismatch(let tensor, let expected, let found):
            "tensor \(quoted(tensor)) needs \(expected) bytes but is given \(found)."
        case .truncated(let missing):
            "its last \(missing) bytes are missing. The download probably stopped early: fetch it again."
        case .trailingBytes(let count):
            "\(count) bytes follow the last tensor. The tensors may be intact; "
                + "save the file again with a tool that you trust, or cut those bytes off."
        }
    }
}
