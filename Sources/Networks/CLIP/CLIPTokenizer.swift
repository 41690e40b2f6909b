import Foundation

/// CLIP's tokenizer: a prompt in, 77 token numbers out.
///
/// Equal to `transformers.CLIPTokenizer` (version 5) with `padding="max_length", truncation=True`: Unicode
/// normalization form C, lower case, CLIP's division into words, byte-level byte-pair encoding.
public struct CLIPTokenizer: Sendable {
    /// Tokens in every encoded prompt: the positions that Stable Diffusion's text encoder has.
    public static let length = 77

    /// Stands at the beginning of every prompt.
    public let startToken: Int
    /// Stands at the end of every prompt.
    public let endToken: Int
    /// Fills the rest.
    public let paddingToken: Int

    private let encoding: BytePairEncoding

    /// Reads `vocab.json` and `merges.txt`, or else `tokenizer.json`, and the padding token that
    /// `special_tokens_map.json` or `tokenizer_config.json` names.
    ///
    /// - Parameter folder: the `tokenizer` folder of a diffusers model.
    /// - Throws: ``CLIPTokenizerError``.
    public init(folder: URL) throws {
        let files = try CLIPTokenizerFiles(folder: folder)
        encoding = files.encoding
        startToken = files.startToken
        endToken = files.endToken
        paddingToken = files.paddingToken
    }

    /// The 77 tokens of a prompt; what does not fit is cut off before the end token.
    public func encode(_ prompt: String) -> [Int] {
        let tokens = [startToken] + words(of: prompt, upTo: Self.length - 2) + [endToken]
        return tokens + Array(repeating: paddingToken, count: Self.length - tokens.count)
    }

    /// How many tokens a prompt has, without start and end; more than 75 means that its end is cut off.
    public func count(_ prompt: String) -> Int {
        words(of: prompt, upTo: Int.max).count
    }

    /// The tokens of the words; special tokens may stand in the text.
    private func words(of prompt: String, upTo limit: Int) -> [Int] {
        var tokens: [Int] = []
        // The end token counts as such only as it is written, the start token also after lower-casing, because
        // transformers adds the former as a token that is not normalized.
        for (index, part) in Self.split(prompt.unicodeScalars, at: Self.endText).enumerated() {
            if index > 0 { tokens.append(endToken) }
            for (index, text) in Self.split(Self.normalized(part), at: Self.startText).enumerated() {
                if index > 0 { tokens.append(startToken) }
                var splitter = CLIPWordSplitter(text)
                while tokens.count < limit, let word = splitter.next() {
                    tokens += encoding.encode(word.flatMap { UTF8.encode($0).map(Array.init) ?? [] })
                }
            }
            if tokens.count >= limit { break }
        }
        return Array(tokens.prefix(limit))
    }

    static let startText = "<|startoftext|>"
    static let endText = "<|endoftext|>"

    private static func normalized(_ part: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: part)
        let composed = String(text).precomposedStringWithCanonicalMapping
        return composed.unicodeScalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
    }

    private static func split(
        _ text: some Sequence<Unicode.Scalar>, at separator: String
    ) -> [ArraySlice<Unicode.Scalar>] {
        let (text, separator) = (Array(text), Array(separator.unicodeScalars))
        var parts: [ArraySlice<Unicode.Scalar>] = []
        var (start, position) = (0, 0)
        while position < text.count {
            if text[position] == separator[0], text[position...].starts(with: separator) {
                parts.append(text[start..<position])
                position += separator.count
                start = position
            } else {
                position += 1
            }
        }
        return parts + [text[start...]]
    }
}
