import Foundation
import TerminalKit
import TestSupport
import Testing

@Suite struct TerminalDescriptionTests {
    /// Numbers of 2 bytes and of 4: both forms of entries exist.
    @Test(arguments: ["xterm-256color", "vt100"])
    func scrollingIsTakenOutAndNothingElse(_ term: String) throws {
        let description = try #require(TerminalDescription.find(term: term, environment: [:]))
        #expect(description.name == term)
        let text = try #require(description.withoutScrolling())
        #expect(text.hasPrefix("b64:"))
        let entry = try #require(Data(base64Encoded: String(text.dropFirst(4)))).map { $0 }
        #expect(entry.count == description.entry.count)
        let changed = entry.indices.filter { entry[$0] != description.entry[$0] }
        #expect(!changed.isEmpty && changed.count <= 20)
        #expect(changed.allSatisfy { entry[$0] == 0xFF })
        let (before, after) = try (capabilities(term, terminfo: nil), capabilities(term, terminfo: text))
        let gone = before.subtracting(after)
        #expect(after.isSubset(of: before))
        #expect(gone.isSubset(of: ["csr", "ri", "indn", "ind", "rin", "dl1", "il1", "dl", "il", "el1"]))
        #expect(gone.contains("csr") && gone.contains("ri"))
    }

    /// The names of the strings that infocmp finds.
    private func capabilities(_ term: String, terminfo: String?) throws -> Set<String> {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/infocmp")
        process.arguments = ["-1", term]
        var environment = ProcessInfo.processInfo.environment
        environment["TERMINFO"] = terminfo
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Set(
            text.split(separator: "\n").filter { $0.contains("=") && $0.hasPrefix("\t") }
                .compactMap { $0.dropFirst().split(separator: "=").first.map(String.init) })
    }

    @Test func terminalsWithoutEntryGetTheNearest() {
        func name(_ term: String, _ environment: [String: String] = [:]) -> String? {
            TerminalDescription.find(term: term, environment: environment)?.name
        }
        #expect(name("no-such-terminal") == "xterm")
        #expect(name("no-such-256color") == "xterm-256color")
        #expect(name("no-such-terminal", ["COLORTERM": "truecolor"]) == "xterm-256color")
        #expect(name("screen-no-such") == "screen-256color")
        #expect(name("../../etc/passwd") == "xterm")
        #expect(name("") == "xterm")
    }

    @Test func ownEntriesComeFirstAndBrokenOnesAreLeftAlone() throws {
        let folder = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: folder.file("x"), withIntermediateDirectories: true)
        for bytes in [[], [0x1A], Array(repeating: UInt8(0xFF), count: 300)] as [[UInt8]] {
            _ = try folder.write(bytes, to: "x/xterm")
            let found = try #require(
                TerminalDescription.find(term: "xterm", environment: ["TERMINFO": folder.path]))
            if bytes.count < 12 {
                #expect(found.entry.count > 300)
            } else {
                #expect(found.entry == bytes && found.withoutScrolling() == nil)
            }
        }
    }
}

@Suite struct CapabilitiesTests {
    private func terminal(
        _ replies: String, environment: [String: String] = [:], isUnicode: Bool = true
    ) -> TerminalCapabilities {
        TerminalCapabilities(
            replies: TerminalReplies(replies.utf8), columns: 80, rows: 24,
            windowSize: .init(width: 800, height: 480), isUnicode: isUnicode, environment: environment)
    }

    @Test(
        arguments: [
            ("", [:], .palette16), ("", ["TERM": "xterm-256color"], .palette256),
            ("", ["TERM": "linux", "COLORTERM": "truecolor"], .palette16),
            ("", ["TERM": "vt100"], .monochrome),
            ("", ["COLORTERM": "24bit"], .direct), ("", ["TERM": "foot"], .direct),
            ("", ["COLORTERM": "truecolor", "NO_COLOR": "1"], .monochrome),
            ("", ["COLORTERM": "truecolor", "NO_COLOR": ""], .direct),
            ("", ["TERM": "screen-256color", "COLORTERM": "truecolor"], .palette256),
            ("", ["TERM": "screen-256color", "COLORTERM": "truecolor", "TMUX": "x"], .direct),
            ("\u{1B}P>|XTerm(379)\u{1B}\\", ["TERM": "xterm"], .direct),
        ] as [(String, [String: String], TerminalCapabilities.ColorDepth)])
    func coloursAreThoseOfTheWeakestPart(
        _ replies: String, _ environment: [String: String], _ expected: TerminalCapabilities.ColorDepth
    ) {
        #expect(terminal(replies, environment: environment).colors == expected)
    }

    @Test func everyChoiceHasItsReason() {
        let choices: [(TerminalCapabilities, TerminalCapabilities.Graphics, String)] = [
            (terminal("\u{1B}[?4c"), .sixel, "Sixel (4) is among the terminal's device attributes."),
            (terminal(""), .blocks, "The terminal has not answered what it can do."),
            (
                terminal("\u{1B}[?1c", environment: ["NO_COLOR": "1"]), .ascii,
                "Sixel (4) is not among the terminal's device attributes. Colours are switched off."
            ),
            (
                terminal("\u{1B}[?1c", isUnicode: false), .ascii,
                "Sixel (4) is not among the terminal's device attributes. The locale's characters are not UTF-8."
            ),
            (
                terminal("\u{1B}[?1;0;16S\u{1B}[?1;0;16S\u{1B}[?4c"), .blocks,
                "The terminal has only 16 colour registers for sixel."
            ),
            (
                terminal("\u{1B}P>|tmux 3.3a\u{1B}\\\u{1B}[?4c", environment: ["TMUX": "x"]), .blocks,
                "tmux shows sixel since version 3.4."
            ),
            (
                terminal("\u{1B}P>|WezTerm 2024\u{1B}\\\u{1B}[?4c"), .iTerm2,
                "The terminal calls itself WezTerm 2024."
            ),
            (
                terminal("\u{1B}_Gi=31;OK\u{1B}\\\u{1B}[?4c"), .kitty,
                "The terminal answered the question for kitty graphics."
            ),
        ]
        for (terminal, graphics, reason) in choices {
            #expect(terminal.graphics == graphics)
            #expect(terminal.graphicsReason == reason)
        }
    }

    @Test func substitutesAreASCII() {
        #expect("┌─┐│█░…●肖éx".unicodeScalars.map(ASCIISubstitute.of) == Array("+-+|#..*?ex".unicodeScalars))
    }

    @Test func errorsSayWhatHelps() {
        let errors: [(TerminalError, String)] = [
            (
                .notATerminal(stream: "output"),
                "Standard output is not a terminal, so no screen can be shown there."
            ),
            (
                .tooSimple(term: "dumb"),
                "TERM is \"dumb\", a terminal without full screens. In a terminal window, set TERM to what it is, "
                    + "such as xterm-256color."
            ),
            (
                .noDescription(term: "x\u{1B}[m"),
                "The terminfo database has no entry for \"x·[m\", nor for xterm. Install the package ncurses-base, "
                    + "or set TERMINFO to the folder of your entries."
            ),
            (.inBackground, "The program runs in the background; bring it to the front with `fg`."),
        ]
        for (error, sentence) in errors { #expect(error.description == sentence) }
    }
}
