/// The last line of an infotext: `key: value, key: "value in JSON quotes", …`.
///
/// The web UI finds its parts with the regular expression
/// `\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)`, searched again from the end of each match.
enum InfotextGrammar {
    static func isKey(_ key: String) -> Bool {
        let scalars = Array(key.unicodeScalars)
        return endOfKey(scalars, from: 0) == scalars.count
    }

    /// The parameters of a line; what fits no parameter is skipped.
    static func parameters(_ line: String) -> [Infotext.Parameter] {
        let scalars = Array(line.unicodeScalars)
        var found: [Infotext.Parameter] = []
        var position = 0
        while position < scalars.count {
            if let (parameter, end) = match(scalars, from: position) {
                found.append(parameter)
                position = end
            } else {
                position += 1
            }
        }
        return found
    }

    /// A value as it stands in the line: as it is, or as a JSON string if it would be misread.
    static func quoted(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy {
            !",:\"\\".unicodeScalars.contains($0) && $0.value >= 0x20
        }
        let edges = [value.unicodeScalars.first, value.unicodeScalars.last].compactMap { $0 }
        guard !isPlain || edges.contains(where: { $0.properties.isWhitespace }) else { return value }
        return JSONString.encode(value)
    }

    private static func match(
        _ scalars: [Unicode.Scalar], from start: Int
    ) -> (parameter: Infotext.Parameter, end: Int)? {
        let keyStart = skipBlanks(scalars, from: start)
        guard let keyEnd = endOfKey(scalars, from: keyStart), keyEnd < scalars.count, scalars[keyEnd] == ":"
        else {
            return nil
        }
        let valueStart = skipBlanks(scalars, from: keyEnd + 1)
        let valueEnd =
            endOfQuotes(scalars, from: valueStart) ?? scalars[valueStart...].firstIndex(of: ",")
            ?? scalars.count
        let value = string(scalars[valueStart..<valueEnd])
        let parameter = Infotext.Parameter(
            string(scalars[keyStart..<keyEnd]), JSONString.decode(value) ?? value)
        return (parameter, min(valueEnd + 1, scalars.count))
    }

    private static func skipBlanks(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
        scalars[start...].firstIndex { !$0.properties.isWhitespace } ?? scalars.count
    }

    /// The end of a key of at least two characters.
    private static func endOfKey(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        guard start < scalars.count, isWord(scalars[start]) else { return nil }
        let end =
            scalars[start...].firstIndex { !isWord($0) && $0 != " " && $0 != "-" && $0 != "/" }
            ?? scalars.count
        return end - start >= 2 ? end : nil
    }

    /// The end of a quoted value that is followed by a comma or nothing.
    private static func endOfQuotes(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        guard start < scalars.count, scalars[start] == "\"" else { return nil }
        var position = start + 1
        while position < scalars.count, scalars[position] != "\"" {
            position += scalars[position] == "\\" ? 2 : 1
        }
        let end = position + 1
        guard position < scalars.count, end - start > 2 else { return nil }
        return end == scalars.count || scalars[end] == "," ? end : nil
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}

/// One JSON string (RFC 8259, §7).
enum JSONString {
    static func encode(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The text inside a JSON string, or nil if `json` is none.
    static func decode(_ json: String) -> String? {
        let scalars = Array(json.unicodeScalars)
        guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else { return nil }
        var units: [UInt16] = []
        var position = 1
        while position < scalars.count - 1 {
            guard let (decoded, length) = unit(scalars[position..<scalars.count - 1]) else { return nil }
            units += decoded
            position += length
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// The first character as UTF-16, and how many scalars it takes.
    private static func unit(_ scalars: ArraySlice<Unicode.Scalar>) -> (decoded: [UInt16], length: Int)? {
        guard let first = scalars.first, first != "\"", first.value >= 0x20 else { return nil }
        guard first == "\\" else { return (Array(String(first).utf16), 1) }
        let escapes: [Unicode.Scalar: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 0x08, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09,
        ]
        guard let letter = scalars.dropFirst().first else { return nil }
        if let escape = escapes[letter] { return ([escape], 2) }
        let digits = scalars.dropFirst(2).prefix(4)
        guard letter == "u", digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else {
            return nil
        }
        return UInt16(String(String.UnicodeScalarView(digits)), radix: 16).map { ([$0], 6) }
    }
}
