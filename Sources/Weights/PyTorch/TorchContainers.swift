/// The ZIP form: `<name>/data.pkl` describes the tensors, `<name>/data/<key>` holds each storage.
struct TorchZipContainer {
    let contents: TorchContents

    /// Far more than any checkpoint needs (Stable Diffusion 1.5: less than one).
    static let pickleLimit = 64 << 20

    init(_ file: UnsafeRawBufferPointer) throws {
        let directory = try ZipDirectory(file)
        let records = directory.records
        let pickles = records.keys.filter { $0.hasSuffix("/data.pkl") }
        guard let pickleName = pickles.first, pickles.count == 1, let pickle = records[pickleName] else {
            throw ForeignFormat.otherZip
        }
        let root = String(pickleName.dropLast("data.pkl".count))
        guard records["\(root)constants.pkl"] == nil, records["\(root)model.json"] == nil else {
            throw ForeignFormat.torchScript
        }
        if let record = directory.unreadableRecord { throw ZipFault.notStored(record) }
        if let order = records["\(root)byteorder"], file[order].elementsEqual("big".utf8) {
            throw TorchFault.bigEndian
        }
        guard pickle.count <= Self.pickleLimit else {
            throw PickleFault.exceeds(limit: "\(Self.pickleLimit >> 20) MiB")
        }
        var unpickler = Unpickler(UnsafeRawBufferPointer(rebasing: file[pickle]))
        let value = try unpickler.run()
        let tensors = try StateDictionary(value, in: unpickler.arena).tensors
        var storages: [String: Range<Int>] = [:]
        for view in tensors.values {
            storages[view.storage.key] = records["\(root)data/\(view.storage.key)"]
        }
        contents = TorchContents(tensors: tensors, storages: storages)
    }
}

/// The form before PyTorch 1.6 (`_legacy_save` in `torch/serialization.py`): five pickles back to back (magic
/// number, protocol version, system, object, list of storage keys), then for each key an element count and
/// the elements.
struct TorchLegacyContainer {
    let contents: TorchContents

    /// The first pickle: the number 0x1950A86A20F9469CFC6C.
    static let magic: [UInt8] = [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]

    init(_ file: UnsafeRawBufferPointer) throws {
        let window = UnsafeRawBufferPointer(rebasing: file.prefix(TorchZipContainer.pickleLimit))
        var version = Unpickler(window, at: Self.magic.count)
        guard case .integer(1001) = try version.node() else { throw TorchFault.unknownVersion }
        var system = Unpickler(window, at: version.offset)
        try Self.checkSystem(system.run(), in: system.arena)
        var object = Unpickler(window, at: system.offset)
        let root = try object.run()
        var keys = Unpickler(window, at: object.offset)
        let order = try Self.keys(keys.run(), in: keys.arena)
        let storages = try Self.storages(order, of: object.arena, in: file, from: keys.offset)
        contents = TorchContents(
            tensors: try StateDictionary(root, in: object.arena).tensors, storages: storages)
    }

    private static func checkSystem(_ handle: PickleHandle, in arena: PickleArena) throws {
        guard case .dictionary(let pairs) = arena[handle] else { throw TorchFault.unknownVersion }
        for (key, value) in pairs {
            guard case .string("little_endian") = arena[key] else { continue }
            guard case .boolean(true) = arena[value] else { throw TorchFault.bigEndian }
            return
        }
        throw TorchFault.unknownVersion
    }

    private static func keys(_ handle: PickleHandle, in arena: PickleArena) throws -> [String] {
        guard case .list(let elements) = arena[handle] else { throw TorchFault.damagedStorageList }
        return try elements.map { element in
            guard case .string(let key) = arena[element] else { throw TorchFault.damagedStorageList }
            return key
        }
    }

    /// Walks the storages in the order of the file's own list.
    private static func storages(
        _ keys: [String], of arena: PickleArena, in file: UnsafeRawBufferPointer, from start: Int
    ) throws -> [String: Range<Int>] {
        let references = try arena.storages()
        var ranges: [String: Range<Int>] = [:]
        var offset = start
        for key in keys {
            guard let reference = references[key], let bitCount = reference.type?.bitCount,
                ranges[key] == nil, let count = file.littleEndian(Int64.self, at: offset),
                Int(count) == reference.count
            else { throw TorchFault.damagedStorageList }
            let (bytes, overflow) = reference.count.multipliedReportingOverflow(by: bitCount / 8)
            guard !overflow, file.slice(at: offset + 8, count: bytes) != nil else {
                throw TorchFault.truncatedStorage(key: key)
            }
            ranges[key] = offset + 8..<offset + 8 + bytes
            offset += 8 + bytes
        }
        guard ranges.count == references.count else { throw TorchFault.damagedStorageList }
        return ranges
    }
}

extension Unpickler {
    /// Reads up to the end of the pickle and returns the value itself.
    fileprivate mutating func node() throws -> PickleNode {
        let handle = try run()
        return arena[handle]
    }
}

/// Why a PyTorch file was refused although its pickle could be read.
public enum TorchFault: Error, Equatable, Sendable {
    case bigEndian
    case unknownVersion
    case damagedStorageList
    case truncatedStorage(key: String)
    case missingStorage(tensor: String)
    case shortStorage(tensor: String, expected: Int, found: Int)

    /// The end of the sentence "… cannot be read: ".
    public var description: String {
        switch self {
        case .bigEndian: "it was written on a big-endian computer."
        case .unknownVersion: "its version is unknown. Save it again with a current PyTorch."
        case .damagedStorageList: "its list of storages does not match its tensors. The file is damaged."
        case .truncatedStorage(let key):
            "storage \(quoted(key)) is cut off. The download probably stopped early: fetch it again."
        case .missingStorage(let tensor):
            "the values of tensor \(quoted(tensor)) are missing. The file is damaged."
        case .shortStorage(let tensor, let expected, let found):
            "the values of tensor \(quoted(tensor)) should take \(expected) bytes but take \(found). "
                + "The file is damaged."
        }
    }
}
