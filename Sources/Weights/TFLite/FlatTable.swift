/// A field of a flatbuffer's table: its place in the schema, and what to call it in an error.
struct FlatField: Sendable {
    let index: Int
    let name: String

    init(_ index: Int, _ name: String) {
        self.index = index
        self.name = name
    }
}

/// A table of a flatbuffer, with every position and length checked against the file before it is used.
///
/// The layout is that of https://flatbuffers.dev/internals: a table begins with the distance back to its vtable, which
/// lists the two lengths and then where in the table each field lies; strings, vectors and other tables are reached by
/// a distance forwards. Since the schema nests to a fixed depth, no chain of distances can run in circles.
struct FlatTable: Sendable {
    private let file: MappedFile
    private let position: Int
    private let length: Int
    private let vtable: Int
    private let vtableLength: Int

    /// The outermost table, to which the file's first four bytes point.
    ///
    /// - Throws: ``TFLiteFault``.
    static func root(of file: MappedFile) throws -> FlatTable {
        guard let distance = file.bytes.littleEndian(UInt32.self, at: 0) else {
            throw TFLiteFault.tooShort(byteCount: file.bytes.count)
        }
        return try FlatTable(file, at: Int(distance), name: "model")
    }

    private init(_ file: MappedFile, at position: Int, name: String) throws {
        let bytes = file.bytes
        let fault = TFLiteFault.outsideFile(part: name, offset: position)
        guard let distance = bytes.littleEndian(Int32.self, at: position) else { throw fault }
        let vtable = position - Int(distance)
        guard let vtableLength = bytes.littleEndian(UInt16.self, at: vtable),
            let length = bytes.littleEndian(UInt16.self, at: vtable + 2),
            vtableLength >= 4, length >= 4,
            bytes.slice(at: vtable, count: Int(vtableLength)) != nil,
            bytes.slice(at: position, count: Int(length)) != nil
        else { throw fault }
        self.file = file
        self.position = position
        self.vtable = vtable
        self.length = Int(length)
        self.vtableLength = Int(vtableLength)
    }

    /// A number, or `absent` if the writer left the field out.
    func number<Value: FixedWidthInteger>(_ field: FlatField, _ type: Value.Type, absent: Value) throws
        -> Value
    {
        guard let place = try place(of: field, size: MemoryLayout<Value>.size) else { return absent }
        guard let value = file.bytes.littleEndian(type, at: place) else { throw outside(field, place) }
        return value
    }

    /// A nested table; `nil` if the writer left the field out.
    func table(_ field: FlatField) throws -> FlatTable? {
        guard let place = try place(of: field, size: 4) else { return nil }
        return try FlatTable(file, at: target(of: place, field), name: field.name)
    }

    /// A list of tables; empty if the writer left the field out.
    func tables(_ field: FlatField, limit: Int) throws -> [FlatTable] {
        guard let elements = try elements(of: field, size: 4) else { return [] }
        let count = elements.count / 4
        guard count <= limit else { throw TFLiteFault.tooMany(part: field.name, count: count, limit: limit) }
        return try (0..<count).map { index in
            try FlatTable(
                file, at: target(of: elements.lowerBound + 4 * index, field), name: field.name)
        }
    }

    /// A list of whole numbers; `nil` if the writer left the field out.
    func numbers<Value: FixedWidthInteger>(_ field: FlatField, _ type: Value.Type, limit: Int) throws
        -> [Int]?
    {
        let size = MemoryLayout<Value>.size
        guard let elements = try elements(of: field, size: size) else { return nil }
        let count = elements.count / size
        guard count <= limit else { throw TFLiteFault.tooMany(part: field.name, count: count, limit: limit) }
        return try (0..<count).map { index in
            let place = elements.lowerBound + size * index
            guard let value = file.bytes.littleEndian(type, at: place), let number = Int(exactly: value)
            else {
                throw outside(field, place)
            }
            return number
        }
    }

    /// Where the bytes of a list of bytes lie in the file; `nil` if the writer left the field out.
    func bytes(_ field: FlatField) throws -> Range<Int>? { try elements(of: field, size: 1) }

    /// A text, of which no more than the first kilobyte is read; empty if the writer left the field out.
    func text(_ field: FlatField) throws -> String {
        guard let range = try elements(of: field, size: 1) else { return "" }
        return String(decoding: file.bytes[range.prefix(1_024)], as: UTF8.self)
    }

    /// Where a list's elements of `size` bytes lie in the file.
    private func elements(of field: FlatField, size: Int) throws -> Range<Int>? {
        guard let place = try place(of: field, size: 4) else { return nil }
        let start = try target(of: place, field)
        guard let count = file.bytes.littleEndian(UInt32.self, at: start),
            file.bytes.slice(at: start + 4, count: Int(count) * size) != nil
        else { throw outside(field, start) }
        return start + 4..<start + 4 + Int(count) * size
    }

    /// Where the field itself lies.
    private func place(of field: FlatField, size: Int) throws -> Int? {
        let entry = 4 + 2 * field.index
        guard entry + 2 <= vtableLength else { return nil }
        guard let offset = file.bytes.littleEndian(UInt16.self, at: vtable + entry) else {
            throw outside(field, vtable + entry)
        }
        guard offset != 0 else { return nil }
        guard Int(offset) + size <= length else { throw outside(field, position + Int(offset)) }
        return position + Int(offset)
    }

    /// Where the distance at `place` leads.
    private func target(of place: Int, _ field: FlatField) throws -> Int {
        guard let distance = file.bytes.littleEndian(UInt32.self, at: place) else {
            throw outside(field, place)
        }
        return place + Int(distance)
    }

    private func outside(_ field: FlatField, _ place: Int) -> TFLiteFault {
        .outsideFile(part: field.name, offset: place)
    }
}
