import Tensors

/// A safetensors file, mapped into memory.
///
/// 32-bit float tensors are used where they lie in the file; all others are widened when read.
public final class SafetensorsFile: WeightSource {
    private let file: MappedFile
    private let header: SafetensorsHeader

    /// The names of all tensors, sorted.
    public let names: [String]

    /// Opens a file and checks every rule of the format; no tensor is read yet.
    ///
    /// - Throws: ``WeightsError``.
    public convenience init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    init(_ file: MappedFile) throws {
        self.file = file
        do {
            header = try SafetensorsHeader(file.bytes)
        } catch let fault as SafetensorsFault {
            throw WeightsError.safetensors(file: file.path, fault)
        }
        names = header.entries.keys.sorted()
    }

    /// The file's path.
    public var origin: String { file.path }

    /// The free text pairs in the header.
    ///
    /// They are foreign text: make them printable before showing them.
    public var metadata: [String: String] { header.metadata }

    /// The shape of a tensor; `nil` if there is no such tensor.
    public func shape(of name: String) -> [Int]? { header.entries[name]?.shape }

    /// Reads one tensor, widened to 32-bit floats.
    public func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        let entry = try entry(named: name)
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.byteRange])
        return try denseTensor(
            StoredElements(bytes: bytes, type: entry.type, owner: file), shape: entry.shape, name: name,
            in: workspace)
    }

    /// Gives back the pages of the mapped file.
    public func releasePages() { file.releasePages() }

    /// Reads a tensor of integers without passing through floating point.
    ///
    /// - Throws: ``WeightsError`` if there is no such tensor or it does not hold integers of at most 64
    ///   signed bits.
    public func integers(named name: String) throws -> [Int64] {
        let entry = try entry(named: name)
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.byteRange])
        func read<Stored: FixedWidthInteger>(_ type: Stored.Type) throws -> [Int64] {
            let size = MemoryLayout<Stored>.size
            return try stride(from: 0, to: bytes.count, by: size).map { offset in
                let stored = Stored(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Stored.self))
                guard let value = Int64(exactly: stored) else { throw notIntegers(name, entry) }
                return value
            }
        }
        switch entry.type {
        case .bool, .uint8: return try read(UInt8.self)
        case .int8: return try read(Int8.self)
        case .uint16: return try read(UInt16.self)
        case .int16: return try read(Int16.self)
        case .uint32: return try read(UInt32.self)
        case .int32: return try read(Int32.self)
        case .uint64: return try read(UInt64.self)
        case .int64: return try read(Int64.self)
        default: throw notIntegers(name, entry)
        }
    }

    private func entry(named name: String) throws -> SafetensorsHeader.Entry {
        guard let entry = header.entries[name] else {
            throw WeightsError.missingTensor(origin: origin, name: name)
        }
        return entry
    }

    private func notIntegers(_ name: String, _ entry: SafetensorsHeader.Entry) -> WeightsError {
        .notIntegers(origin: origin, name: name, type: entry.type.rawValue)
    }
}
