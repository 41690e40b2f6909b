import Imaging
import TestSupport
import Testing

@Suite struct InfotextTests {
    private static let parameters = [
        Infotext.Parameter("Steps", "20"), .init("Sampler", "DPM++ 2M Karras"), .init("CFG scale", "7"),
        .init("Seed", "1"), .init("Size", "512x512"),
    ]

    @Test func isWrittenAsTheWebUIWritesIt() {
        let infotext = Infotext(
            prompt: "a man,\nnaïve", negativePrompt: "blurry",
            parameters: Self.parameters + [.init("Lora hashes", "film: 1a2b, suit: 3c4d")])
        #expect(
            infotext.text == """
                a man,
                naïve
                Negative prompt: blurry
                Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1, Size: 512x512, \
                Lora hashes: "film: 1a2b, suit: 3c4d"
                """)
        #expect(infotext["Size"] == "512x512")
    }

    @Test func readsWhatTheWebUIWrote() {
        let infotext = Infotext(
            parsing: """
                portrait of a woman
                  second line\u{20}
                Negative prompt: bad
                more bad
                Steps: 30, Sampler: Euler a, CFG scale: 5.5, Seed: 42, Lora hashes: "x: 1, \\"y\\": 2", Version: v1.6.0
                """)
        #expect(infotext.prompt == "portrait of a woman\nsecond line")
        #expect(infotext.negativePrompt == "bad\nmore bad")
        #expect(
            infotext.parameters.map(\.key) == [
                "Steps", "Sampler", "CFG scale", "Seed", "Lora hashes", "Version",
            ])
        #expect(infotext["Lora hashes"] == #"x: 1, "y": 2"#)
        #expect(infotext["CFG scale"] == "5.5")
    }

    @Test func aLineWithTwoParametersIsPrompt() {
        let infotext = Infotext(parsing: "a man\nSteps: 30, Seed: 4")
        #expect(infotext.prompt == "a man\nSteps: 30, Seed: 4")
        #expect(infotext.parameters.isEmpty)
    }

    static let hostile = [
        "", " ", "\n", "a\n", "\na", " padded ", "Steps: 99", "Steps: 99, Seed: 1, CFG scale: 2, Size: 1x1",
        "x\nSteps: 99, Seed: 1, CFG scale: 2", "Negative prompt: none",
        "a\nNegative prompt: b\nNegative prompt: c",
        "a\r\nb", "\r", "\"quoted\"", "\"", "\\", "back\\slash \\n \\u0041", "Exact prompt: x",
        "a, \"b\": c\u{1}\u{7F}", "肖像 🙂\u{301}", "Negative prompt:\u{301}", "\u{2028}", "tab\t", "a\u{0}b",
    ]

    @Test(arguments: hostile) func hostilePromptsComeBack(_ text: String) {
        for other in Self.hostile {
            let infotext = Infotext(prompt: text, negativePrompt: other, parameters: Self.parameters)
            let again = Infotext(parsing: infotext.text)
            #expect(Array(again.prompt.utf8) == Array(text.utf8))
            #expect(Array(again.negativePrompt.utf8) == Array(other.utf8))
            #expect(again.parameters == Self.parameters)
        }
    }

    @Test(arguments: hostile) func hostileValuesComeBack(_ value: String) {
        let parameters = [Infotext.Parameter("LoRA", value)] + Self.parameters + [.init("Last", value)]
        let infotext = Infotext(prompt: "a", negativePrompt: "", parameters: parameters)
        let again = Infotext(parsing: infotext.text)
        #expect(again.parameters.map { Array($0.value.utf8) } == parameters.map { Array($0.value.utf8) })
        #expect(again.prompt == "a")
    }

    @Test func randomTextsComeBack() {
        var generator = RepeatableGenerator(seed: 5)
        let alphabet = Array("ab ,:\"\\\n\r\t{}é🙂Steps: 1, Negative prompt:".unicodeScalars)
        func text() -> String {
            String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                        alphabet.randomElement(using: &generator) ?? "a"
                    }))
        }
        for _ in 0..<500 {
            let infotext = Infotext(
                prompt: text(), negativePrompt: text(), parameters: Self.parameters + [.init("Extra", text())]
            )
            #expect(Infotext(parsing: infotext.text) == infotext)
            _ = Infotext(parsing: text())
        }
    }

    @Test func survivesThePNGFile() throws {
        let image = Image(width: 1, height: 1, channels: .rgb, filledWith: [0, 0, 0])
        let infotext = Infotext(prompt: "肖像\u{0}", negativePrompt: "é", parameters: Self.parameters)
        let bytes = try ImageFile.encodePNG(image, texts: [infotext.pngText])
        let text = try #require(ImageFile.decodePNG(bytes, name: "memory").texts.first)
        #expect(text.keyword == "parameters")
        #expect(Infotext(parsing: text.text).prompt == "肖像\u{FFFD}")
        #expect(Infotext(parsing: text.text).negativePrompt == "é")
    }
}
