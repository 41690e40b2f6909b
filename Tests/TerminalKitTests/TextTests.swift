import TerminalKit
import Testing

@Suite struct SafeTextTests {
    /// Swift's literals cannot spell them.
    private static let nonCharacters = String(
        String.UnicodeScalarView([0xFFFF, 0xFDD0, 0xE000].compactMap { Unicode.Scalar(UInt32($0)) }))

    private static let foreignTexts: [(String, String)] = [
        ("plain, naïve, 肖像.png", "plain, naïve, 肖像.png"),
        ("a\tb\nc\rd\u{2028}e", "a b c d e"),
        ("\u{1B}[2J\u{1B}]0;title\u{7}x", "·[2J·]0;title·x"),
        ("\u{9B}31m\u{90}q\u{7F}", "·31m·q·"),
        ("photo\u{202E}gnp.exe", "photognp.exe"),
        ("a\u{200B}b\u{FEFF}c\u{2066}d\u{61C}e\u{200F}f\u{AD}", "abcdef"),
        ("tag\u{E0041}\u{E007F}", "tag"),
        (nonCharacters + "x", "x"),
        ("👩\u{200D}🚀 a\u{200D}b", "👩\u{200D}🚀 ab"),
        ("❤\u{FE0F}", "❤\u{FE0F}"),
        (
            "Z" + String(repeating: "\u{301}", count: 30) + "!",
            "Z" + String(repeating: "\u{301}", count: 4) + "!"
        ),
        ("\r\n", "  "),
    ]

    @Test(arguments: foreignTexts)
    func isHarmless(_ foreign: String, _ expected: String) {
        #expect(Array(SafeText(foreign).description.utf8) == Array(expected.utf8))
    }

    @Test func invalidBytesAreShown() {
        #expect(
            SafeText(bytes: [0x61, 0xFF, 0xC3, 0x28, 0xE2, 0x82, 0x1B, 0xC3, 0xA9]).description
                == "a\\xff\\xc3(\\xe2\\x82·é")
        #expect(SafeText(bytes: [0xED, 0xA0, 0x80, 0x0A]).description == "\\xed\\xa0\\x80 ")
    }

    @Test func noScalarSteersTheTerminal() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for result in SafeText(String(scalar)).description.unicodeScalars {
                #expect(result.value >= 0x20 && !(0x7F...0x9F).contains(result.value))
                #expect(result.properties.generalCategory != .format)
            }
        }
    }

    @Test func isCutByCells() {
        #expect(SafeText("肖像肖像").truncated(toCells: 8) == "肖像肖像")
        #expect(SafeText("肖像肖像").truncated(toCells: 7) == "肖像肖…")
        #expect(SafeText("肖像肖像").truncated(toCells: 6) == "肖像…")
        #expect(SafeText("abc").truncated(toCells: 0) == "")
        #expect(SafeText("e\u{301}e\u{301}").truncated(toCells: 2) == "e\u{301}e\u{301}")
    }
}

@Suite struct ProgressTests {
    private let report = ProgressReport(stage: "Denoising", step: 12, of: 20, secondsPerStep: 1.25)

    @Test(arguments: [
        (80, "Denoising  ██████████████████░░░░░░░░░░░░  12/20  1.25 s/step  ETA 0:10"),
        (60, "Denoising  ███████████░░░░░░░░  12/20  1.25 s/step  ETA 0:10"),
        (46, "Denoising  ██████████░░░░░░░░  12/20  ETA 0:10"),
        (26, "Denoising  12/20  ETA 0:10"),
        (16, "Denoising  12/20"),
        (10, "Denoising…"),
        (0, ""), (-5, ""),
    ]) func barFitsTheWidth(_ width: Int, _ expected: String) {
        #expect(ProgressLine.bar(report, width: width) == expected)
    }

    @Test func everyWidthIsKept() {
        for width in 0...120 {
            for step in [0, 7, 20] {
                for pace in [nil, 0.004, 1.25, 99.96, 12345.6, .infinity, .nan] as [Double?] {
                    let report = ProgressReport(stage: "肖像\u{1B}", step: step, of: 20, secondsPerStep: pace)
                    let line = ProgressLine.bar(report, width: width)
                    #expect(CellWidth.of(line) <= width)
                    #expect(!line.unicodeScalars.contains("\u{1B}"))
                }
            }
        }
    }

    @Test(
        arguments: [
            (nil, "Denoising 12/20"), (0.004, "Denoising 12/20, 0.00 s/step, 0:01 left"),
            (1.255, "Denoising 12/20, 1.25 s/step, 0:11 left"),
            (9.996, "Denoising 12/20, 10.0 s/step, 1:20 left"),
            (99.96, "Denoising 12/20, 100 s/step, 13:20 left"),
            (500, "Denoising 12/20, 500 s/step, 1:06:40 left"),
            (.nan, "Denoising 12/20, - s/step, -:-- left"),
        ] as [(Double?, String)]) func plainLines(_ pace: Double?, _ expected: String)
    {
        #expect(
            ProgressLine.plain(ProgressReport(stage: "Denoising", step: 12, of: 20, secondsPerStep: pace))
                == expected)
    }

    @Test func terminalKeepsOneLineAStage() {
        var output = ""
        var writer = ProgressWriter(to: .terminal(columns: 21)) { output += $0 }
        writer.show(ProgressReport(stage: "A", step: 0, of: 2, secondsPerStep: nil))
        writer.show(ProgressReport(stage: "A", step: 2, of: 2, secondsPerStep: nil))
        writer.show(ProgressReport(stage: "B", step: 0, of: 1, secondsPerStep: nil))
        writer.finish()
        writer.finish()
        #expect(
            output
                == "\rA  ░░░░░░░░░░░░  0/2\u{1B}[K\rA  ████████████  2/2\u{1B}[K\n\rB  ░░░░░░░░░░░░  0/1\u{1B}[K\n"
        )
    }

    @Test func fileGetsFewLines() {
        var lines: [String] = []
        var writer = ProgressWriter(to: .file) { lines.append($0) }
        for step in 0...1000 {
            writer.show(ProgressReport(stage: "A", step: step, of: 1000, secondsPerStep: nil))
        }
        #expect(lines == (0...10).map { "A \($0 * 100)/1000\n" })
    }
}
