import Foundation

/// The bytes of a file.
func bytes(of path: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The little-endian bytes of a number.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// What to write falsely into a ZIP archive.
struct ZipLies {
    var flags: UInt16 = 0x0808
    var method: UInt16 = 0
    var centralSize: UInt32?
    var headerOffset: UInt32?
    var entryCount: UInt16?
    var localName: String?
    var disk: UInt16 = 0
    var trailing: [UInt8] = []
}

/// A ZIP archive of stored records, with true sizes only in the central directory, as PyTorch writes it.
func zipArchive(_ records: [(name: String, data: [UInt8])], lies: ZipLies = ZipLies()) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for record in records {
        let name = Array(record.name.utf8)
        let localName = Array((lies.localName ?? record.name).utf8)
        let size = lies.centralSize ?? UInt32(record.data.count)
        let offset = lies.headerOffset ?? UInt32(file.count)
        file +=
            littleEndian(UInt32(0x0403_4B50)) + [0, 0] + littleEndian(lies.flags) + littleEndian(lies.method)
        file += [UInt8](repeating: 0, count: 16) + littleEndian(UInt16(localName.count)) + [4, 0]
        file += localName + [0x46, 0x42, 0, 0] + record.data
        directory += littleEndian(UInt32(0x0201_4B50)) + [0, 0, 0, 0] + littleEndian(lies.flags)
        directory += littleEndian(lies.method) + [UInt8](repeating: 0, count: 8)
        directory += littleEndian(size) + littleEndian(size)
        directory += littleEndian(UInt16(name.count)) + [0, 0, 0, 0] + littleEndian(lies.disk)
        directory += [UInt8](repeating: 0, count: 6) + littleEndian(offset) + name
    }
    let count = littleEndian(lies.entryCount ?? UInt16(records.count))
    let end =
        littleEndian(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + count + count
        + littleEndian(UInt32(directory.count))
        + littleEndian(UInt32(file.count)) + [0, 0]
    return file + directory + end + lies.trailing
}

/// Writes pickles instruction by instruction.
struct PickleWriter {
    private(set) var bytes: [UInt8] = [0x80, 2]

    /// Appends instructions given as characters and strings: `"}"`, `.text("a")`, `.global("os", "system")`.
    init(_ parts: PicklePart...) {
        for part in parts { bytes += part.bytes }
    }
}

/// One instruction with its operand.
struct PicklePart: ExpressibleByStringLiteral {
    var bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }
    init(stringLiteral instructions: String) { bytes = Array(instructions.utf8) }

    static func raw(_ bytes: UInt8...) -> PicklePart { PicklePart(bytes: bytes) }
    static func text(_ text: String) -> PicklePart {
        PicklePart(bytes: [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8))
    }
    static func global(_ module: String, _ name: String) -> PicklePart {
        PicklePart(bytes: Array("c\(module)\n\(name)\n".utf8))
    }
    static func number(_ value: Int) -> PicklePart {
        PicklePart(bytes: [0x8A, 8] + littleEndian(Int64(value)))
    }
    static func tuple(_ values: [Int]) -> PicklePart {
        PicklePart(bytes: Array("(".utf8) + values.flatMap { number($0).bytes } + Array("t".utf8))
    }
    /// A storage of `count` floats under `key`.
    static func storage(_ key: String = "0", count: Int, type: String = "FloatStorage") -> PicklePart {
        PicklePart(
            bytes: Array("(".utf8) + text("storage").bytes + global("torch", type).bytes + text(key).bytes
                + text("cpu").bytes + number(count).bytes + Array("tQ".utf8))
    }
    /// A tensor that views a storage.
    static func tensor(count: Int, offset: Int, shape: [Int], strides: [Int]) -> PicklePart {
        PicklePart(
            bytes: global("torch._utils", "_rebuild_tensor_v2").bytes + Array("(".utf8)
                + storage(count: count).bytes + number(offset).bytes + tuple(shape).bytes
                + tuple(strides).bytes
                + [0x89] + Array("NtR".utf8))
    }
}

/// A PyTorch file with the given pickle and one storage of `storage` bytes.
func torchArchive(_ pickle: PickleWriter, storage: Int = 16) -> [UInt8] {
    zipArchive([
        ("archive/data.pkl", pickle.bytes),
        ("archive/data/0", (0..<storage).map { UInt8(truncatingIfNeeded: $0) }),
    ])
}
