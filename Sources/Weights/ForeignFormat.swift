/// A file that is recognised but holds no weights that can be used here.
public enum ForeignFormat: Error, Equatable, Sendable, CaseIterable {
    case gitLFSPointer
    case webPage
    case gguf
    case sevenZip
    case gzip
    case tar
    case otherZip
    case torchScript
    case barePickle
    case numpy
    case hdf5
    case unknown

    /// The format that the first bytes show, or `nil` if they show none of these.
    static func sniffed(_ bytes: UnsafeRawBufferPointer) -> ForeignFormat? {
        if bytes.starts(with: Array("version https://git-lfs".utf8)) { return .gitLFSPointer }
        if bytes.starts(with: Array("GGUF".utf8)) { return .gguf }
        if bytes.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) { return .sevenZip }
        if bytes.starts(with: [0x1F, 0x8B]) { return .gzip }
        if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) { return .numpy }
        if bytes.starts(with: [0x89] + Array("HDF\r\n".utf8)) { return .hdf5 }
        if bytes.starts(with: Array("ustar".utf8), at: 257) { return .tar }
        if bytes.starts(with: [0x80]), let version = bytes.littleEndian(UInt8.self, at: 1), version <= 5 {
            return .barePickle
        }
        let head = String(decoding: bytes.prefix(256), as: UTF8.self).lowercased()
        if head.contains("<!doctype html") || head.contains("<html") { return .webPage }
        return nil
    }

    /// The end of the sentence "… is not a file of weights that can be used: ".
    public var description: String {
        switch self {
        case .gitLFSPointer:
            "it is only a Git LFS pointer to the real file. Run 'git lfs pull' where it was cloned, "
                + "or download the file itself."
        case .webPage:
            "it is a web page. The download needed a login or a confirmation; download it in a browser."
        case .gguf:
            "it is a GGUF file of quantised weights. Use the original safetensors file."
        case .sevenZip: "it is a 7z archive. Unpack it and use the file inside."
        case .gzip: "it is compressed with gzip. Unpack it with gunzip."
        case .tar:
            "it is a tar archive, or was written by a PyTorch before 0.1.10. Unpack it, or save it again."
        case .otherZip:
            "it is a ZIP archive, but not one that PyTorch wrote. Unpack it and use the file inside."
        case .torchScript:
            "it is a TorchScript program. Use the file of the model's weights (its state_dict)."
        case .barePickle: "it is a Python pickle, but not one that torch.save wrote."
        case .numpy: "it is a NumPy array."
        case .hdf5: "it is an HDF5 file, as Keras writes it."
        case .unknown: "its first bytes belong to no known format. Safetensors and PyTorch files can be used."
        }
    }
}
