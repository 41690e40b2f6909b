/// Reads a pickle as a description of values and never calls anything.
///
/// It understands the instructions that `torch.save` writes (protocol 2) and those of protocols 3 to 5 that
/// some writers use for the same values. Names are recognised by ``PickleGlobal``; a file with any other name
/// is refused.
struct Unpickler {
    /// Bounds on what a pickle may make the reader hold in memory; Stable Diffusion 1.5 needs about 20,000
    /// values.
    enum Limit {
        static let nodes = 5_000_000
        static let stack = 65_536
        static let marks = 1_024
        static let memo = 1 << 22
        static let text = 1 << 20
    }

    private let bytes: UnsafeRawBufferPointer
    /// The next byte to read; after ``run()``, the first byte behind the pickle.
    private(set) var offset: Int
    private(set) var arena = PickleArena()
    private var stack: [PickleHandle] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleHandle] = [:]
    private var opcode: UInt8 = 0
    private var dangerousNames: [String] = []
    private var unknownNames: [String] = []

    /// A reader of the pickle that begins at `offset`.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Reads up to the end of the pickle.
    ///
    /// - Returns: the value it describes, in ``arena``.
    /// - Throws: ``PickleFault``. A refused name takes precedence over damage that follows it.
    mutating func run() throws -> PickleHandle {
        do {
            while true {
                opcode = try integer(UInt8.self)
                if opcode == Opcode.stop { break }
                try execute()
            }
            let result = try pop()
            try refuseForeignNames()
            return result
        } catch {
            try refuseForeignNames()
            throw error
        }
    }

    private func refuseForeignNames() throws {
        if !dangerousNames.isEmpty { throw PickleFault.runsCode(dangerousNames) }
        if !unknownNames.isEmpty { throw PickleFault.unknownObjects(unknownNames) }
    }

    private mutating func execute() throws {
        switch opcode {
        case Opcode.proto: _ = try integer(UInt8.self)
        case Opcode.frame: _ = try integer(UInt64.self)
        case Opcode.mark: try pushMark()
        case Opcode.pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
        case Opcode.popMark: _ = try popToMark()
        case Opcode.none: try push(.none)
        case Opcode.newTrue: try push(.boolean(true))
        case Opcode.newFalse: try push(.boolean(false))
        case Opcode.binInt: try push(.integer(Int64(integer(Int32.self))))
        case Opcode.binInt1: try push(.integer(Int64(integer(UInt8.self))))
        case Opcode.binInt2: try push(.integer(Int64(integer(UInt16.self))))
        case Opcode.long1: try pushLong(byteCount: Int(integer(UInt8.self)))
        case Opcode.long4: try pushLong(byteCount: length(UInt32.self))
        case Opcode.binFloat:
            _ = try integer(UInt64.self)
            try push(.opaque)
        case Opcode.shortBinUnicode: try pushText(byteCount: Int(integer(UInt8.self)))
        case Opcode.binUnicode: try pushText(byteCount: length(UInt32.self))
        case Opcode.binUnicode8: try pushText(byteCount: length(UInt64.self))
        case Opcode.shortBinString: try pushText(byteCount: Int(integer(UInt8.self)))
        case Opcode.shortBinBytes: try pushBytes(byteCount: Int(integer(UInt8.self)))
        case Opcode.binBytes: try pushBytes(byteCount: length(UInt32.self))
        case Opcode.binBytes8: try pushBytes(byteCount: length(UInt64.self))
        case Opcode.binGet: try recall(Int(integer(UInt8.self)))
        case Opcode.longBinGet: try recall(Int(integer(UInt32.self)))
        case Opcode.binPut: try memoize(Int(integer(UInt8.self)))
        case Opcode.longBinPut: try memoize(Int(integer(UInt32.self)))
        case Opcode.memoize: try memoize(memo.count)
        default: try executeOnValues()
        }
    }

    private mutating func executeOnValues() throws {
        switch opcode {
        case Opcode.emptyTuple: try push(.tuple([]))
        case Opcode.tuple1: try pushTuple(count: 1)
        case Opcode.tuple2: try pushTuple(count: 2)
        case Opcode.tuple3: try pushTuple(count: 3)
        case Opcode.tuple: try push(.tuple(popToMark()))
        case Opcode.emptyList: try push(.list([]))
        case Opcode.emptyDictionary: try push(.dictionary([]))
        case Opcode.emptySet: try push(.opaque)
        case Opcode.frozenSet:
            _ = try popToMark()
            try push(.opaque)
        case Opcode.addItems: _ = try popToMark()
        case Opcode.append: try append([pop()])
        case Opcode.appends: try append(popToMark())
        case Opcode.setItem:
            let value = try pop()
            try setItems([pop(), value])
        case Opcode.setItems: try setItems(popToMark())
        case Opcode.global: try pushGlobal(module: line(), name: line())
        case Opcode.stackGlobal:
            let name = try popString()
            try pushGlobal(module: popString(), name: name)
        case Opcode.reduce, Opcode.newObject:
            let arguments = try pop()
            try reduce(pop(), arguments)
        case Opcode.newObjectEx:
            for _ in 0..<3 { _ = try pop() }
            try push(.opaque)
        case Opcode.build:
            // The state of an OrderedDict is its `_metadata`; no other value here has a state.
            _ = try pop()
            _ = try top()
        case Opcode.binPersistentID: try pushStorage(pop())
        default: throw PickleFault.unsupportedOpcode(opcode, offset: offset - 1)
        }
    }
}

// MARK: - Stack and memo

extension Unpickler {
    func misplaced(needs: String) -> PickleFault {
        .misplacedOpcode(opcode, offset: max(0, offset - 1), needs: needs)
    }

    mutating func push(_ node: PickleNode) throws {
        try push(arena.add(node))
    }

    mutating func push(_ handle: PickleHandle) throws {
        guard stack.count < Limit.stack else {
            throw PickleFault.exceeds(limit: "\(Limit.stack) open values")
        }
        stack.append(handle)
    }

    private mutating func pop() throws -> PickleHandle {
        guard let handle = stack.last, marks.last ?? 0 < stack.count else {
            throw misplaced(needs: "a value")
        }
        stack.removeLast()
        return handle
    }

    private func top() throws -> PickleHandle {
        guard let handle = stack.last, marks.last ?? 0 < stack.count else {
            throw misplaced(needs: "a value")
        }
        return handle
    }

    private mutating func pushMark() throws {
        guard marks.count < Limit.marks else {
            throw PickleFault.exceeds(limit: "\(Limit.marks) open groups")
        }
        marks.append(stack.count)
    }

    private mutating func popToMark() throws -> [PickleHandle] {
        guard let mark = marks.popLast() else { throw misplaced(needs: "the start of a group") }
        let values = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return values
    }

    private mutating func popString() throws -> String {
        guard case .string(let text) = arena[try pop()] else { throw misplaced(needs: "a name") }
        return text
    }

    private mutating func recall(_ index: Int) throws {
        guard let handle = memo[index] else {
            throw PickleFault.unknownMemo(index: index, offset: offset - 1)
        }
        try push(handle)
    }

    private mutating func memoize(_ index: Int) throws {
        guard memo.count < Limit.memo else {
            throw PickleFault.exceeds(limit: "\(Limit.memo) remembered values")
        }
        memo[index] = try top()
    }

    private mutating func pushTuple(count: Int) throws {
        var values: [PickleHandle] = []
        for _ in 0..<count { values.append(try pop()) }
        try push(.tuple(values.reversed()))
    }

    private mutating func append(_ values: [PickleHandle]) throws {
        guard arena.append(values, to: try top()) else { throw misplaced(needs: "a list") }
    }

    private mutating func setItems(_ values: [PickleHandle]) throws {
        guard values.count.isMultiple(of: 2) else { throw misplaced(needs: "a value for each key") }
        guard arena.setItems(values, of: try top()) else { throw misplaced(needs: "a dictionary") }
    }

    private mutating func pushGlobal(module: String, name: String) throws {
        if let known = PickleGlobal.named(module, name) {
            try push(.global(known))
            return
        }
        let path = "\(module).\(name)"
        if PickleGlobal.runsCode(module, name) {
            if dangerousNames.count < 100 { dangerousNames.append(path) }
        } else if unknownNames.count < 100 {
            unknownNames.append(path)
        }
        try push(.opaque)
    }
}

// MARK: - Reading

extension Unpickler {
    private mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
        guard let value = bytes.littleEndian(type, at: offset) else {
            throw PickleFault.endsEarly(offset: bytes.count)
        }
        offset += MemoryLayout<Value>.size
        return value
    }

    private mutating func length<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Int {
        guard let length = Int(exactly: try integer(type)) else {
            throw PickleFault.endsEarly(offset: bytes.count)
        }
        return length
    }

    private mutating func take(_ byteCount: Int) throws -> UnsafeRawBufferPointer {
        guard let slice = bytes.slice(at: offset, count: byteCount) else {
            throw PickleFault.endsEarly(offset: bytes.count)
        }
        offset += byteCount
        return slice
    }

    private mutating func pushText(byteCount: Int) throws {
        guard byteCount <= Limit.text else { throw PickleFault.exceeds(limit: "\(Limit.text) bytes of text") }
        let start = offset
        guard let text = String(validating: try take(byteCount), as: UTF8.self) else {
            // Python 2 strings and raw bytes are not text; only names need to be.
            guard opcode == Opcode.shortBinString else { throw PickleFault.textNotUTF8(offset: start) }
            return try push(.opaque)
        }
        try push(.string(text))
    }

    private mutating func pushBytes(byteCount: Int) throws {
        _ = try take(byteCount)
        try push(.opaque)
    }

    /// A little-endian two's complement number of any length; those of more than 64 bits have no use here.
    private mutating func pushLong(byteCount: Int) throws {
        let digits = try take(byteCount)
        guard byteCount <= 8 else { return try push(.opaque) }
        var value: UInt64 = (digits.last ?? 0) & 0x80 == 0 ? 0 : .max
        for digit in digits.reversed() { value = value << 8 | UInt64(digit) }
        try push(.integer(Int64(bitPattern: value)))
    }

    private mutating func line() throws -> String {
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") {
            guard offset - start < 1_024 else { throw PickleFault.exceeds(limit: "1024 bytes in a name") }
            offset += 1
        }
        guard offset < bytes.count else { throw PickleFault.endsEarly(offset: bytes.count) }
        defer { offset += 1 }
        guard let text = String(validating: bytes[start..<offset], as: UTF8.self) else {
            throw PickleFault.textNotUTF8(offset: start)
        }
        return text
    }
}

/// The instructions of Python's `pickle` that are understood, from CPython's `Lib/pickletools.py`.
private enum Opcode {
    static let mark = UInt8(ascii: "("), stop = UInt8(ascii: "."), pop = UInt8(ascii: "0")
    static let popMark = UInt8(ascii: "1")
    static let none = UInt8(ascii: "N"), newTrue: UInt8 = 0x88, newFalse: UInt8 = 0x89
    static let binInt = UInt8(ascii: "J"), binInt1 = UInt8(ascii: "K"), binInt2 = UInt8(ascii: "M")
    static let long1: UInt8 = 0x8A, long4: UInt8 = 0x8B, binFloat = UInt8(ascii: "G")
    static let binUnicode = UInt8(ascii: "X"), shortBinUnicode: UInt8 = 0x8C, binUnicode8: UInt8 = 0x8D
    static let shortBinString = UInt8(ascii: "U")
    static let binBytes = UInt8(ascii: "B"), shortBinBytes = UInt8(ascii: "C"), binBytes8: UInt8 = 0x8E
    static let emptyTuple = UInt8(ascii: ")"), tuple = UInt8(ascii: "t")
    static let tuple1: UInt8 = 0x85, tuple2: UInt8 = 0x86, tuple3: UInt8 = 0x87
    static let emptyList = UInt8(ascii: "]"), append = UInt8(ascii: "a"), appends = UInt8(ascii: "e")
    static let emptyDictionary = UInt8(ascii: "}"), setItem = UInt8(ascii: "s"), setItems = UInt8(ascii: "u")
    static let emptySet: UInt8 = 0x8F, addItems: UInt8 = 0x90, frozenSet: UInt8 = 0x91
    static let global = UInt8(ascii: "c"), stackGlobal: UInt8 = 0x93
    static let reduce = UInt8(ascii: "R"), build = UInt8(ascii: "b")
    static let newObject: UInt8 = 0x81, newObjectEx: UInt8 = 0x92
    static let binPersistentID = UInt8(ascii: "Q")
    static let binGet = UInt8(ascii: "h"), longBinGet = UInt8(ascii: "j")
    static let binPut = UInt8(ascii: "q"), longBinPut = UInt8(ascii: "r"), memoize: UInt8 = 0x94
    static let proto: UInt8 = 0x80, frame: UInt8 = 0x95
}
