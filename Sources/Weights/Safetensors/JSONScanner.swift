/// Reads JSON strictly (RFC 8259) and in order, one token at a time, from bytes that are known to be UTF-8.
///
/// Why not a general parser: those keep one of two equal keys silently and turn large integers into
/// floating-point numbers. Both would let a file mean different things to different readers.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    /// How deeply values that are skipped may be nested.
    static let depthLimit = 128

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Reads `{ "key": value, … }`, calling `member` with each key when its value comes next.
    mutating func object(_ member: (inout JSONScanner, String) throws -> Void) throws {
        try expect("{")
        if take("}") { return }
        repeat {
            skipWhitespace()
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while take(",")
        try expect("}")
    }

    /// Reads `[ value, … ]`, calling `element` when each value comes next.
    mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
        try expect("[")
        if take("]") { return }
        repeat { try element(&self) } while take(",")
        try expect("]")
    }

    /// Reads a whole number from 0 to `Int.max`, written without sign, fraction or exponent.
    mutating func naturalNumber() throws -> Int {
        skipWhitespace()
        let start = offset
        var value = 0
        while let digit = current, digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            guard !overflow, !overflow2 else { throw fault("a number below 2^63", at: start) }
            value = sum
            offset += 1
        }
        let hasLeadingZero = offset - start > 1 && bytes[start] == UInt8(ascii: "0")
        guard offset > start, !hasLeadingZero, !(current.map(Self.continuesNumber) ?? false) else {
            throw fault("a whole number", at: start)
        }
        return value
    }

    /// Reads a string.
    mutating func string() throws -> String {
        skipWhitespace()
        guard current == UInt8(ascii: "\"") else { throw fault("a string") }
        offset += 1
        let start = offset
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw fault("no control character inside a string") }
            offset += 1
        }
        var text = String(decoding: bytes[start..<offset], as: UTF8.self)
        while let byte = current {
            offset += 1
            if byte == UInt8(ascii: "\"") { return text }
            if byte == UInt8(ascii: "\\") {
                text.unicodeScalars.append(try escapedScalar())
            } else {
                let run = offset - 1
                while let next = current, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\"), next >= 0x20
                {
                    offset += 1
                }
                guard byte >= 0x20 else { throw fault("no control character inside a string", at: run) }
                text += String(decoding: bytes[run..<offset], as: UTF8.self)
            }
        }
        throw fault("the end of a string")
    }

    /// Reads any value and forgets it.
    mutating func skipValue(depth: Int = 0) throws {
        guard depth < Self.depthLimit else { throw fault("less deeply nested values") }
        skipWhitespace()
        switch current {
        case UInt8(ascii: "{"): try object { scanner, _ in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["): try array { try $0.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    /// Checks that only white space is left.
    mutating func end() throws {
        skipWhitespace()
        guard offset == bytes.count else { throw fault("nothing after the closing brace") }
    }

    /// The error that something else was expected here.
    func fault(_ expected: String, at offset: Int? = nil) -> JSONFault {
        JSONFault(offset: offset ?? self.offset, expected: expected)
    }
}

/// Where JSON text stops making sense.
public struct JSONFault: Error, Equatable, Sendable {
    /// Byte offset into the text.
    public let offset: Int
    /// What should have come there.
    public let expected: String

    /// A fault at a byte offset, with what should have come there.
    public init(offset: Int, expected: String) {
        self.offset = offset
        self.expected = expected
    }
}

extension JSONScanner {
    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard current == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard take(character) else { throw fault("'\(character)'") }
    }

    private mutating func word(_ word: StaticString) throws {
        for index in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[index] else { throw fault("a value") }
            offset += 1
        }
    }

    private static func continuesNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }

    private mutating func digits() -> Int {
        let start = offset
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
        return offset - start
    }

    private mutating func number() throws {
        let start = offset
        if current == UInt8(ascii: "-") { offset += 1 }
        let startsWithZero = current == UInt8(ascii: "0")
        let wholeDigits = digits()
        guard wholeDigits > 0, !(startsWithZero && wholeDigits > 1) else { throw fault("a value", at: start) }
        if current == UInt8(ascii: ".") {
            offset += 1
            guard digits() > 0 else { throw fault("a digit") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            guard digits() > 0 else { throw fault("a digit") }
        }
    }

    /// The scalar that an escape stands for; the backslash is already read.
    private mutating func escapedScalar() throws -> Unicode.Scalar {
        let start = offset - 1
        guard let letter = current else { throw fault("an escape") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw fault("an escape", at: start)
        }
        let unit = try hexadecimalUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A high surrogate must be followed by an escaped low one.
        guard unit < 0xDC00, current == UInt8(ascii: "\\") else {
            throw fault("a pair of surrogates", at: start)
        }
        offset += 1
        guard current == UInt8(ascii: "u") else { throw fault("a pair of surrogates", at: start) }
        offset += 1
        let low = try hexadecimalUnit()
        guard low >= 0xDC00, low < 0xE000,
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { throw fault("a pair of surrogates", at: start) }
        return scalar
    }

    private mutating func hexadecimalUnit() throws -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
            else {
                throw fault("four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
