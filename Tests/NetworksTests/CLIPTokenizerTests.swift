import Foundation
import Networks
import TestSupport
import Testing

struct CLIPTokenizerTests {
    /// What transformers made of a prompt, without the padding after the first end.
    private struct Case: Decodable {
        let prompt: String
        let tokens: [Int]
    }

    private static func folder(_ name: String) throws -> URL {
        URL(fileURLWithPath: try Fixture.path(bundle: .module, name))
    }

    /// `vocab.json` with `merges.txt`, and transformers 5's single `tokenizer.json`.
    @Test(arguments: ["clip_tokenizer", "clip_tokenizer/saved"])
    func equalsTransformersOnTwoHundredPrompts(name: String) throws {
        let tokenizer = try CLIPTokenizer(folder: Self.folder(name))
        let file = try Self.folder("clip_tokenizer/prompts.json")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
        #expect(cases.count == 200)
        for example in cases {
            let padding = Array(repeating: tokenizer.paddingToken, count: 77 - example.tokens.count)
            #expect(
                tokenizer.encode(example.prompt) == example.tokens + padding,
                "\(example.prompt.debugDescription)")
        }
    }

    @Test func countsWhatIsCutOff() throws {
        let tokenizer = try CLIPTokenizer(folder: Self.folder("clip_tokenizer"))
        #expect(tokenizer.count("") == 0)
        #expect(tokenizer.count(String(repeating: "a ", count: 75)) == 75)
        #expect(tokenizer.count(String(repeating: "a ", count: 90)) == 90)
    }

    @Test func padsWithTheTokenThatTheFilesName() throws {
        let folder = try copyOfFiles()
        try folder.write(Array(#"{"pad_token": "!"}"#.utf8), to: "special_tokens_map.json")
        let tokenizer = try CLIPTokenizer(folder: URL(fileURLWithPath: folder.path))
        #expect(tokenizer.encode("").last == tokenizer.paddingToken)
        #expect(tokenizer.paddingToken == 0)
    }

    @Test func acceptsWindowsLineEnds() throws {
        let folder = try copyOfFiles()
        let merges = try String(contentsOfFile: folder.file("merges.txt"), encoding: .utf8)
        try folder.write(Array(merges.replacingOccurrences(of: "\n", with: "\r\n").utf8), to: "merges.txt")
        let tokenizer = try CLIPTokenizer(folder: URL(fileURLWithPath: folder.path))
        let original = try CLIPTokenizer(folder: Self.folder("clip_tokenizer"))
        #expect(tokenizer.encode("a beautiful woman") == original.encode("a beautiful woman"))
    }

    @Test(arguments: [
        ("vocab.json", "{", "vocab.json is not a CLIP tokenizer file: it is not valid JSON."),
        (
            "vocab.json", "[1]",
            "vocab.json is not a CLIP tokenizer file: its outermost value should be an object."
        ),
        (
            "vocab.json", #"{"<|startoftext|>": 1}"#,
            "vocab.json has no entry for the special token <|endoftext|>."
        ),
        (
            "vocab.json", #"{"a": -3, "<|startoftext|>": 1, "<|endoftext|>": 2}"#,
            #"vocab.json is not a CLIP tokenizer file: the token "a" has the number -3."#
        ),
        (
            "merges.txt", "#version: 0.2\na b c\n",
            "merges.txt, line 2: a merge is two symbols with a space between them. "
                + "The vocabulary and the merges must come from the same model."
        ),
        (
            "merges.txt", "nowhere known\n",
            #"merges.txt, line 1: "nowhere" is not in the vocabulary. "#
                + "The vocabulary and the merges must come from the same model."
        ),
    ])
    func saysWhatIsWrongWithAFile(name: String, content: String, message: String) throws {
        let folder = try copyOfFiles()
        try folder.write(Array(content.utf8), to: name)
        #expect(throws: CLIPTokenizerError.self) {
            do {
                _ = try CLIPTokenizer(folder: URL(fileURLWithPath: folder.path))
            } catch {
                #expect("\(error)" == "\(folder.path)/\(message)")
                throw error
            }
        }
    }

    @Test func refusesTextThatIsNotUnicode() throws {
        let folder = try copyOfFiles()
        try folder.write([0xFF, 0xFE, 0x20, 0x0A], to: "merges.txt")
        #expect(
            throws: CLIPTokenizerError.malformed(
                file: folder.file("merges.txt"), reason: "it is not UTF-8 text")
        ) { try CLIPTokenizer(folder: URL(fileURLWithPath: folder.path)) }
    }

    @Test func saysWhatIsMissing() throws {
        let folder = try TemporaryDirectory()
        #expect(throws: CLIPTokenizerError.missingFiles(folder: folder.path)) {
            try CLIPTokenizer(folder: URL(fileURLWithPath: folder.path))
        }
    }

    private func copyOfFiles() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        for name in ["vocab.json", "merges.txt", "tokenizer_config.json"] {
            try folder.write(try Data(contentsOf: Self.folder("clip_tokenizer/\(name)")), to: name)
        }
        return folder
    }
}
