/// Why the pickle inside a PyTorch file was refused.
public enum PickleFault: Error, Equatable, Sendable {
    case endsEarly(offset: Int)
    case unsupportedOpcode(UInt8, offset: Int)
    case misplacedOpcode(UInt8, offset: Int, needs: String)
    case unknownMemo(index: Int, offset: Int)
    case textNotUTF8(offset: Int)
    case exceeds(limit: String)
    /// Functions that would run code, such as `os.system`.
    case runsCode([String])
    /// Objects that no file of weights needs.
    case unknownObjects([String])
    case malformedTensor(offset: Int, reason: String)

    /// The end of the sentence "… was refused: ".
    public var description: String {
        switch self {
        case .endsEarly(let offset):
            "its description of the tensors stops at byte \(offset). The download probably stopped early."
        case .unsupportedOpcode(let opcode, let offset):
            "its description of the tensors uses the unusual instruction 0x\(String(opcode, radix: 16)) "
                + "at byte \(offset)."
        case .misplacedOpcode(let opcode, let offset, let needs):
            "instruction 0x\(String(opcode, radix: 16)) at byte \(offset) of its description of the tensors "
                + "needs \(needs). The file is damaged or was made to deceive."
        case .unknownMemo(let index, let offset):
            "byte \(offset) of its description of the tensors refers to item \(index), which does not exist. "
                + "The file is damaged."
        case .textNotUTF8(let offset):
            "the text at byte \(offset) of its description of the tensors is not UTF-8."
        case .exceeds(let limit):
            "its description of the tensors exceeds the limit of \(limit)."
        case .runsCode(let names):
            "it asks the reader to run \(listed(names)). Nothing was run. "
                + "This is how malicious files attack Python programs: do not open it with other tools."
        case .unknownObjects(let names):
            "it contains \(listed(names)), which no file of weights needs. Nothing was run. "
                + "Ask its author for a safetensors file."
        case .malformedTensor(let offset, let reason):
            "the tensor described at byte \(offset) \(reason)."
        }
    }
}
