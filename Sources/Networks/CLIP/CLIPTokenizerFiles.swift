import Foundation
import Weights

/// What a tokenizer's files say, checked.
struct CLIPTokenizerFiles {
    let encoding: BytePairEncoding
    let startToken: Int
    let endToken: Int
    let paddingToken: Int

    /// The files of the released models are 1 MB; of others, up to some 20 MB.
    private static let byteLimit = 64 << 20
    /// Mark of the last symbol of a word.
    private static let wordEnd = "</w>"

    init(folder: URL) throws {
        let tables = try Self.readTables(folder)
        func token(_ text: String) throws -> Int {
            guard let token = tables.vocabulary[text] else {
                throw CLIPTokenizerError.missingToken(file: tables.vocabularyFile, token: text)
            }
            return token
        }
        let unknown = try token(CLIPTokenizer.endText)
        startToken = try token(CLIPTokenizer.startText)
        endToken = unknown
        paddingToken = try token(Self.paddingText(folder) ?? CLIPTokenizer.endText)
        encoding = BytePairEncoding(
            innerTokens: ByteAlphabet.scalars.map { tables.vocabulary[String($0)] ?? unknown },
            finalTokens: ByteAlphabet.scalars.map { tables.vocabulary[String($0) + Self.wordEnd] ?? unknown },
            merges: try tables.ranked())
    }

    // MARK: The two forms of a vocabulary

    private struct Tables {
        let vocabularyFile: String
        let vocabulary: [String: Int]
        let mergesFile: String
        /// Left and right symbol, and the line on which they stand.
        let merges: [(left: String, right: String, line: Int)]

        func ranked() throws -> [BytePairEncoding.Pair: BytePairEncoding.Merge] {
            var ranked: [BytePairEncoding.Pair: BytePairEncoding.Merge] = [:]
            ranked.reserveCapacity(merges.count)
            for (rank, merge) in merges.enumerated() {
                func token(_ text: String) throws -> Int {
                    guard let token = vocabulary[text] else {
                        throw CLIPTokenizerError.badMerge(
                            file: mergesFile, line: merge.line,
                            reason: "\(text.debugDescription) is not in the vocabulary")
                    }
                    return token
                }
                let pair = BytePairEncoding.Pair(left: try token(merge.left), right: try token(merge.right))
                // The last of equal lines counts, as in the tokenizers library.
                ranked[pair] = .init(rank: rank, token: try token(merge.left + merge.right))
            }
            return ranked
        }
    }

    private static func readTables(_ folder: URL) throws -> Tables {
        let vocabularyFile = folder.appendingPathComponent("vocab.json")
        let mergesFile = folder.appendingPathComponent("merges.txt")
        let wholeFile = folder.appendingPathComponent("tokenizer.json")
        if FileManager.default.fileExists(atPath: vocabularyFile.path) {
            let vocabulary: [String: Int] = try decode(vocabularyFile)
            return try Tables(
                vocabularyFile: vocabularyFile.path,
                vocabulary: checked(vocabulary, file: vocabularyFile.path),
                mergesFile: mergesFile.path, merges: mergeLines(mergesFile))
        }
        if FileManager.default.fileExists(atPath: wholeFile.path) {
            let whole: WholeTokenizer = try decode(wholeFile)
            let merges = try whole.model.merges.enumerated().map { rank, merge in
                try merge.symbols(file: wholeFile.path, line: rank + 1)
            }
            return try Tables(
                vocabularyFile: wholeFile.path, vocabulary: checked(whole.model.vocab, file: wholeFile.path),
                mergesFile: wholeFile.path, merges: merges)
        }
        throw CLIPTokenizerError.missingFiles(folder: folder.path)
    }

    /// The parts of transformers' one-file form that differ between vocabularies.
    private struct WholeTokenizer: Decodable {
        struct Model: Decodable {
            let vocab: [String: Int]
            let merges: [WrittenMerge]
        }
        let model: Model
    }

    /// A merge in `tokenizer.json`: `["a", "b"]`, or `"a b"` in files written before 2024.
    private enum WrittenMerge: Decodable {
        case pair([String])
        case line(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let pair = try? container.decode([String].self) {
                self = .pair(pair)
            } else {
                self = .line(try container.decode(String.self))
            }
        }

        func symbols(file: String, line number: Int) throws -> (left: String, right: String, line: Int) {
            switch self {
            case .line(let text):
                return try CLIPTokenizerFiles.symbols(text.utf8[...], file: file, line: number)
            case .pair(let pair):
                guard pair.count == 2 else {
                    throw CLIPTokenizerError.badMerge(
                        file: file, line: number,
                        reason: "merge \(number) has \(pair.count) symbols instead of 2")
                }
                return (pair[0], pair[1], number)
            }
        }
    }

    private static func mergeLines(_ file: URL) throws -> [(left: String, right: String, line: Int)] {
        let data = try read(file)
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CLIPTokenizerError.malformed(file: file.path, reason: "it is not UTF-8 text")
        }
        // Split bytes, not characters: "\r\n" is a single Character, and merges may hold combining marks.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return try lines.enumerated().compactMap { index, line in
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.isEmpty || line.starts(with: "#version".utf8) { return nil }
            return try symbols(line, file: file.path, line: index + 1)
        }
    }

    private static func symbols(
        _ line: Substring.UTF8View, file: String, line number: Int
    ) throws -> (left: String, right: String, line: Int) {
        let symbols = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard symbols.count == 2, symbols.allSatisfy({ !$0.isEmpty }) else {
            throw CLIPTokenizerError.badMerge(
                file: file, line: number, reason: "a merge is two symbols with a space between them")
        }
        return (String(Substring(symbols[0])), String(Substring(symbols[1])), number)
    }

    private static func checked(_ vocabulary: [String: Int], file: String) throws -> [String: Int] {
        // Token numbers become rows of the embedding table; the model checks the upper end against its size.
        if let (text, token) = vocabulary.first(where: { $0.value < 0 }) {
            throw CLIPTokenizerError.malformed(
                file: file, reason: "the token \(text.debugDescription) has the number \(token)")
        }
        return vocabulary
    }

    // MARK: Special tokens

    /// `"<|endoftext|>"`, or an object that holds it as `content`.
    private struct SpecialToken: Decodable {
        let content: String

        private enum CodingKeys: String, CodingKey { case content }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                content = text
            } else {
                content = try decoder.container(keyedBy: CodingKeys.self).decode(
                    String.self, forKey: .content)
            }
        }
    }

    private struct SpecialTokens: Decodable {
        let paddingToken: SpecialToken?

        private enum CodingKeys: String, CodingKey { case paddingToken = "pad_token" }
    }

    private static func paddingText(_ folder: URL) throws -> String? {
        for name in ["special_tokens_map.json", "tokenizer_config.json"] {
            let file = folder.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let tokens: SpecialTokens = try decode(file)
            if let token = tokens.paddingToken { return token.content }
        }
        return nil
    }

    // MARK: Reading

    private static func decode<Value: Decodable>(_ file: URL) throws -> Value {
        let data = try read(file)
        do {
            return try JSONDecoder().decode(Value.self, from: data)
        } catch let error as DecodingError {
            throw CLIPTokenizerError.malformed(file: file.path, reason: error.reason)
        }
    }

    private static func read(_ file: URL) throws -> Data {
        do {
            let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
            guard size <= byteLimit else {
                throw CLIPTokenizerError.tooLarge(file: file.path, bytes: size, limit: byteLimit)
            }
            return try Data(contentsOf: file)
        } catch let error as CLIPTokenizerError {
            throw error
        } catch {
            throw CLIPTokenizerError.unreadable(file: file.path, reason: error.localizedDescription)
        }
    }
}
