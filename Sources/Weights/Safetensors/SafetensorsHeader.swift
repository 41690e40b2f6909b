/// What a safetensors file says about its tensors, checked against the length of the file.
///
/// The rules and the order in which they are applied are those of the reference reader
/// (huggingface/safetensors, `safetensors/src/tensor.rs`). Stricter, as the format's README asks: the header
/// begins with `{`, and no key occurs twice.
struct SafetensorsHeader {
    /// One tensor's entry.
    struct Entry: Equatable {
        var type: ElementType
        var shape: [Int]
        /// Where its elements lie in the file.
        var byteRange: Range<Int>
    }

    /// The tensors by name.
    let entries: [String: Entry]

    /// The free text pairs that the writer left, such as a LoRA's training settings.
    let metadata: [String: String]

    /// The reference reader's limit on the length of the header.
    static let lengthLimit = 100_000_000
    /// More tensors than any model of this kind has, few enough to hold in memory.
    static let tensorLimit = 100_000
    static let nameLimit = 1_024

    /// - Throws: ``SafetensorsFault``.
    init(_ file: UnsafeRawBufferPointer) throws {
        guard let declared = file.littleEndian(UInt64.self, at: 0) else {
            throw SafetensorsFault.tooShort(byteCount: file.count)
        }
        guard let length = Int(exactly: declared), length <= Self.lengthLimit else {
            throw SafetensorsFault.headerTooLong(declared)
        }
        guard let text = file.slice(at: 8, count: length) else {
            throw SafetensorsFault.headerBeyondFile(header: length, file: file.count)
        }
        guard String(validating: text, as: UTF8.self) != nil else { throw SafetensorsFault.headerNotUTF8 }
        let declarations = try Declarations(text)
        entries = try Self.validated(declarations.tensors, dataStart: 8 + length, fileLength: file.count)
        metadata = declarations.metadata
    }

    private static func validated(
        _ declarations: [Declaration], dataStart: Int, fileLength: Int
    ) throws -> [String: Entry] {
        let dataLength = fileLength - dataStart
        var entries: [String: Entry] = [:]
        entries.reserveCapacity(declarations.count)
        var end = 0
        for declaration in declarations.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            let name = declaration.name
            guard declaration.begin == end, declaration.end >= declaration.begin else {
                throw SafetensorsFault.offsetsOutOfPlace(
                    tensor: name, begin: declaration.begin, end: declaration.end, expectedBegin: end)
            }
            guard let count = elementCount(of: declaration.shape) else {
                throw SafetensorsFault.sizeOverflow(tensor: name, shape: declaration.shape)
            }
            let (bits, overflow) = count.multipliedReportingOverflow(by: declaration.type.bitCount)
            guard !overflow else {
                throw SafetensorsFault.sizeOverflow(tensor: name, shape: declaration.shape)
            }
            guard bits.isMultiple(of: 8) else { throw SafetensorsFault.partialByte(tensor: name, bits: bits) }
            guard declaration.end - declaration.begin == bits / 8 else {
                throw SafetensorsFault.lengthMismatch(
                    tensor: name, expected: bits / 8, found: declaration.end - declaration.begin)
            }
            end = declaration.end
            // The sum below cannot overflow for a tensor inside the file, and one beyond it is refused at the
            // end.
            guard end <= dataLength else { continue }
            entries[name] = Entry(
                type: declaration.type, shape: declaration.shape,
                byteRange: dataStart + declaration.begin..<dataStart + end)
        }
        guard end <= dataLength else { throw SafetensorsFault.truncated(missing: end - dataLength) }
        guard end == dataLength else { throw SafetensorsFault.trailingBytes(count: dataLength - end) }
        return entries
    }
}

extension SafetensorsHeader {
    /// One tensor's entry as written, not yet checked.
    fileprivate struct Declaration {
        var name: String
        var type: ElementType
        var shape: [Int]
        var begin: Int
        var end: Int
    }

    /// The header as written, not yet checked against the file.
    fileprivate struct Declarations {
        var tensors: [Declaration] = []
        var metadata: [String: String] = [:]

        init(_ text: UnsafeRawBufferPointer) throws {
            guard text.first == UInt8(ascii: "{") else {
                throw SafetensorsFault.malformedHeader(JSONFault(offset: 0, expected: "'{'"))
            }
            var scanner = JSONScanner(text)
            do {
                try read(&scanner)
                try scanner.end()
            } catch let fault as JSONFault {
                throw SafetensorsFault.malformedHeader(fault)
            }
        }

        private mutating func read(_ scanner: inout JSONScanner) throws {
            var names = Set<String>()
            try scanner.object { scanner, name in
                guard name.utf8.count <= nameLimit else {
                    throw SafetensorsFault.nameTooLong(name.utf8.count)
                }
                guard names.insert(name).inserted else { throw SafetensorsFault.duplicateName(name) }
                guard names.count <= tensorLimit else { throw SafetensorsFault.tooManyTensors }
                if name == "__metadata__" {
                    try scanner.object { scanner, key in
                        let value = try scanner.string()
                        guard metadata.updateValue(value, forKey: key) == nil else {
                            throw SafetensorsFault.duplicateName(key)
                        }
                    }
                } else {
                    tensors.append(try Declaration(named: name, &scanner))
                }
            }
        }
    }
}

extension SafetensorsHeader.Declaration {
    init(named name: String, _ scanner: inout JSONScanner) throws {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        var keys = Set<String>()
        try scanner.object { scanner, key in
            guard keys.insert(key).inserted else { throw SafetensorsFault.duplicateName("\(name)/\(key)") }
            switch key {
            case "dtype": typeName = try scanner.string()
            case "shape": shape = try scanner.naturalNumbers()
            case "data_offsets": offsets = try scanner.naturalNumbers()
            default: try scanner.skipValue()
            }
        }
        guard let typeName, let shape, let offsets, offsets.count == 2 else {
            throw scanner.fault("dtype, shape and two data_offsets for \(quoted(name))")
        }
        guard let type = ElementType(rawValue: typeName) else {
            throw SafetensorsFault.unknownElementType(tensor: name, type: typeName)
        }
        self.init(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    }
}

extension JSONScanner {
    fileprivate mutating func naturalNumbers() throws -> [Int] {
        var numbers: [Int] = []
        try array { numbers.append(try $0.naturalNumber()) }
        return numbers
    }
}
