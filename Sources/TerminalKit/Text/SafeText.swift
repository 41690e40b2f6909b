/// Text from a stranger, made harmless for a terminal: file names, metadata, messages of other programs.
///
/// What could steer the terminal, turn the direction of writing or hide is replaced or left out.
public struct SafeText: Sendable, Equatable, CustomStringConvertible {
    /// The harmless text; a single line.
    public let description: String

    /// Marks that may follow one character.
    ///
    /// More of them run over the neighbouring lines.
    private static let markLimit = 4

    /// Cleans text.
    public init(_ text: String) {
        self.init(scalars: Array(text.unicodeScalars))
    }

    /// Cleans bytes that should be UTF-8, such as a file name; others appear as `\xNN`.
    public init(bytes: some Collection<UInt8>) {
        var scalars: [Unicode.Scalar] = []
        var rest = Array(bytes)[...]
        while let first = rest.first {
            if let scalar = Self.firstScalar(rest) {
                scalars.append(scalar)
                rest = rest.dropFirst(UTF8.width(scalar))
            } else {
                let digits = String(first, radix: 16)
                scalars += Array("\\x\(digits.count == 1 ? "0" : "")\(digits)".unicodeScalars)
                rest = rest.dropFirst()
            }
        }
        self.init(scalars: scalars)
    }

    private init(scalars: [Unicode.Scalar]) {
        var result = String.UnicodeScalarView()
        var markCount = 0
        for (index, scalar) in scalars.enumerated() {
            let isMark = [.nonspacingMark, .enclosingMark, .spacingMark].contains(
                scalar.properties.generalCategory)
            markCount = isMark ? markCount + 1 : 0
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x2028, 0x2029:
                result.append(" ")
            case 0x00...0x1F, 0x7F...0x9F:
                result.append("·")
            case 0x200D:
                if Self.joinsEmoji(scalars, at: index) { result.append(scalar) }
            default:
                if !Self.isHidden(scalar), markCount <= Self.markLimit { result.append(scalar) }
            }
        }
        description = String(result)
    }

    /// The text cut to at most `cells` columns, with `…` where something is missing.
    public func truncated(toCells cells: Int) -> String {
        guard CellWidth.of(description) > cells else { return description }
        return cells > 0 ? CellWidth.prefix(of: description, cells: cells - 1) + "…" : ""
    }

    private static func firstScalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    /// Formats (among them bidirectional controls, zero-width characters and tags), private use and noncharacters.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .control, .surrogate, .privateUse, .unassigned: true
        default: scalar.properties.isDefaultIgnorableCodePoint && !scalar.properties.isVariationSelector
        }
    }

    /// A zero-width joiner makes families and professions out of emoji; elsewhere it only hides.
    private static func joinsEmoji(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        func isEmoji(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value > 0xFF
                && (scalar.properties.isEmoji || scalar.properties.isEmojiModifier
                    || scalar.properties.isVariationSelector)
        }
        guard index > 0, index + 1 < scalars.count else { return false }
        return isEmoji(scalars[index - 1]) && isEmoji(scalars[index + 1])
    }
}
