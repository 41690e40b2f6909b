/// Why a tokenizer could not be built from its files.
///
/// `file` is the path as the user knows it.
public enum CLIPTokenizerError: Error, Equatable, Sendable {
    case missingFiles(folder: String)
    case unreadable(file: String, reason: String)
    case malformed(file: String, reason: String)
    case tooLarge(file: String, bytes: Int, limit: Int)
    case badMerge(file: String, line: Int, reason: String)
    case missingToken(file: String, token: String)
}

extension CLIPTokenizerError: CustomStringConvertible {
    /// One or two sentences for the person at the keyboard.
    public var description: String {
        switch self {
        case .missingFiles(let folder):
            "\(folder) holds no tokenizer: it needs vocab.json and merges.txt, or tokenizer.json."
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .malformed(let file, let reason):
            "\(file) is not a CLIP tokenizer file: \(reason)."
        case .tooLarge(let file, let bytes, let limit):
            "\(file) is \(bytes) bytes long; a tokenizer file has at most \(limit)."
        case .badMerge(let file, let line, let reason):
            "\(file), line \(line): \(reason). The vocabulary and the merges must come from the same model."
        case .missingToken(let file, let token):
            "\(file) has no entry for the special token \(token)."
        }
    }
}
