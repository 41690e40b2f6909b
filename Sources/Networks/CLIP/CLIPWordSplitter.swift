/// CLIP's division of a prompt into words, equal to the regular expression
/// `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+` (openai/CLIP `simple_tokenizer.py`), written out by hand:
/// a general regular-expression engine would be the slowest part of encoding a prompt.
struct CLIPWordSplitter {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    /// - Parameter text: in Unicode normalization form C and lower case.
    init(_ text: some Sequence<Unicode.Scalar>) {
        scalars = Array(text)
    }

    /// The next word, or nil at the end of the text.
    mutating func next() -> ArraySlice<Unicode.Scalar>? {
        while position < scalars.count, Kind(scalars[position]) == .space { position += 1 }
        guard position < scalars.count else { return nil }
        let start = position
        position += contractionLength(at: start) ?? runLength(at: start)
        return scalars[start..<position]
    }

    private enum Kind {
        case space, letter, number, other

        init(_ scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
                self = .letter
            case .decimalNumber, .letterNumber, .otherNumber:
                self = .number
            default:
                self = scalar.properties.isWhitespace ? .space : .other
            }
        }
    }

    /// In the order of the expression: the first that fits wins.
    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map {
        Array($0.unicodeScalars)
    }

    private func contractionLength(at start: Int) -> Int? {
        guard scalars[start] == "'" else { return nil }
        return Self.contractions.first { scalars[start...].starts(with: $0) }?.count
    }

    private func runLength(at start: Int) -> Int {
        let kind = Kind(scalars[start])
        if kind == .number { return 1 }
        return scalars[start...].prefix { Kind($0) == kind }.count
    }
}
