/// The text under the keyword `parameters` that Stable Diffusion programs leave in their pictures.
///
/// The form is that of the AUTOMATIC1111 web UI (`modules/infotext_utils.py`):
///
///     prompt, any number of lines
///     Negative prompt: any number of lines
///     Steps: 20, Sampler: Euler a, CFG scale: 7, …
///
/// Some prompts cannot be told apart from that frame, such as one with a line "Negative prompt: …". Then two
/// more parameters, `Exact prompt` and `Exact negative prompt`, hold them; other programs ignore these.
public struct Infotext: Sendable, Equatable {
    /// A name and a value of the last line.
    public struct Parameter: Sendable, Equatable {
        /// At least two letters, digits, blanks, `-`, `_` or `/`, beginning with a letter, digit or `_`.
        public let key: String
        /// Any text.
        public let value: String

        /// Names a value.
        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// What the picture was to show.
    public let prompt: String
    /// What it was not to show; empty if nothing was said.
    public let negativePrompt: String
    /// The values of the last line, in its order.
    public let parameters: [Parameter]

    static let exactPromptKey = "Exact prompt"
    static let exactNegativePromptKey = "Exact negative prompt"

    /// Collects what is to be written.
    ///
    /// - Precondition: at least three parameters, for readers take a last line with fewer as part of the prompt.
    public init(prompt: String, negativePrompt: String, parameters: [Parameter]) {
        precondition(parameters.count >= 3, "An infotext without three parameters cannot be read back")
        precondition(
            parameters.allSatisfy { InfotextGrammar.isKey($0.key) }, "Infotext keys are words")
        self.init(unchecked: prompt, negativePrompt, parameters)
    }

    /// The value of the first parameter of that name.
    public subscript(_ key: String) -> String? { parameters.first { $0.key == key }?.value }

    /// The text for the picture.
    public var text: String {
        let plain = text(with: parameters)
        let isFaithful = Infotext(parsing: plain) == self
        guard !isFaithful else { return plain }
        return text(
            with: parameters + [
                Parameter(Self.exactPromptKey, prompt),
                Parameter(Self.exactNegativePromptKey, negativePrompt),
            ])
    }

    private func text(with parameters: [Parameter]) -> String {
        var lines: [String] = []
        if !prompt.isEmpty { lines.append(prompt) }
        if !negativePrompt.isEmpty { lines.append("Negative prompt: \(negativePrompt)") }
        lines.append(
            parameters.map { "\($0.key): \(InfotextGrammar.quoted($0.value))" }.joined(separator: ", "))
        return lines.joined(separator: "\n")
    }

    /// Reads any text: what is no parameter is prompt.
    public init(parsing text: String) {
        var lines = text.split(onNewlines: ()).map { $0.trimmed }
        while lines.last?.isEmpty == true { lines.removeLast() }
        var parameters = lines.last.map(InfotextGrammar.parameters) ?? []
        if parameters.count >= 3 {
            lines.removeLast()
        } else {
            parameters = []
        }
        let negativeMark = "Negative prompt:"
        let firstNegative = lines.firstIndex { $0.hasScalarPrefix(negativeMark) } ?? lines.endIndex
        var negativeLines = Array(lines[firstNegative...])
        if let first = negativeLines.first {
            negativeLines[0] =
                String(first.unicodeScalars.dropFirst(negativeMark.unicodeScalars.count)).trimmed
        }
        let exact = Dictionary(parameters.map { ($0.key, $0.value) }) { first, _ in first }
        self.init(
            unchecked: exact[Self.exactPromptKey] ?? lines[..<firstNegative].joined(separator: "\n"),
            exact[Self.exactNegativePromptKey] ?? negativeLines.joined(separator: "\n"),
            parameters.filter { $0.key != Self.exactPromptKey && $0.key != Self.exactNegativePromptKey })
    }

    private init(unchecked prompt: String, _ negativePrompt: String, _ parameters: [Parameter]) {
        self.prompt = prompt
        self.negativePrompt = negativePrompt
        self.parameters = parameters
    }

    /// As a PNG chunk.
    ///
    /// NUL, which PNG text cannot hold, becomes U+FFFD.
    public var pngText: PNGText {
        let scalars = text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }
        return PNGText(keyword: "parameters", text: String(String.UnicodeScalarView(scalars)))
    }
}

extension String {
    /// Splits at U+000A only: Swift's `Character` would hide a line feed behind a carriage return.
    fileprivate func split(onNewlines: Void) -> [String] {
        unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    fileprivate var trimmed: String {
        let scalars = unicodeScalars.drop { $0.properties.isWhitespace }
        let last = scalars.lastIndex { !$0.properties.isWhitespace }
        return last.map { String(scalars[...$0]) } ?? ""
    }

    /// Compares scalars, not characters: a combining mark behind the prefix belongs to the rest.
    fileprivate func hasScalarPrefix(_ prefix: String) -> Bool {
        unicodeScalars.starts(with: prefix.unicodeScalars)
    }
}
