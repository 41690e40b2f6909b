import TerminalKit
import TestSupport
import Testing

/// What a terminal sends, and what it means.
private struct Sample: Sendable, CustomTestStringConvertible {
    let input: String
    let items: [InputParser.Item]

    init(_ input: String, _ items: InputParser.Item...) {
        self.input = input
        self.items = items
    }

    var testDescription: String { input.debugDescription }
}

private func key(
    _ code: Key.Code, control: Bool = false, alt: Bool = false, shift: Bool = false
) -> InputParser.Item {
    .event(.key(Key(code, isControl: control, isAlt: alt, isShift: shift)))
}

private func mouse(_ kind: MouseEvent.Kind, _ column: Int, _ row: Int) -> InputParser.Item {
    .event(.mouse(MouseEvent(kind, at: CellPoint(column: column, row: row))))
}

private let samples: [Sample] = [
    Sample("a", key(.character("a"))), Sample("Ä", key(.character("Ä"))), Sample("肖", key(.character("肖"))),
    Sample("🚀", key(.character("🚀"))), Sample("\r", key(.enter)), Sample("\t", key(.tab)),
    Sample("\u{7F}", key(.backspace)), Sample("\u{8}", key(.backspace)),
    Sample("\u{3}", key(.character("c"), control: true)), Sample("\n", key(.character("j"), control: true)),
    Sample("\u{0}", key(.character(" "), control: true)),
    Sample("\u{1C}", key(.character("\\"), control: true)),
    Sample("\u{1B}a", key(.character("a"), alt: true)), Sample("\u{1B}ß", key(.character("ß"), alt: true)),
    Sample("\u{1B}\r", key(.enter, alt: true)), Sample("\u{1B}\u{7F}", key(.backspace, alt: true)),
    Sample("\u{1B}[A", key(.up)), Sample("\u{1B}OB", key(.down)),
    Sample("\u{1B}[1;5C", key(.right, control: true)),
    Sample("\u{1B}[1;2D", key(.left, shift: true)), Sample("\u{1B}[1;3H", key(.home, alt: true)),
    Sample("\u{1B}OF", key(.end)), Sample("\u{1B}[1~", key(.home)), Sample("\u{1B}[8~", key(.end)),
    Sample("\u{1B}[2~", key(.insert)), Sample("\u{1B}[3;5~", key(.delete, control: true)),
    Sample("\u{1B}[5~", key(.pageUp)), Sample("\u{1B}[6~", key(.pageDown)), Sample("\u{1B}[Z", key(.backTab)),
    Sample("\u{1B}OP", key(.function(1))), Sample("\u{1B}[1;2R", key(.function(3), shift: true)),
    Sample("\u{1B}[15~", key(.function(5))), Sample("\u{1B}[24;2~", key(.function(12), shift: true)),
    Sample("\u{1B}[34~", key(.function(20))), Sample("\u{1B}[[C", key(.function(3))),
    Sample("\u{1B}[a", key(.up, shift: true)), Sample("\u{1B}OM", key(.enter)),
    Sample("\u{1B}[97;5u", key(.character("a"), control: true)),
    Sample("\u{1B}[9;2u", key(.backTab, shift: true)),
    Sample("\u{1B}[27;5;13~", key(.enter, control: true)), Sample("\u{1B}[57358u"),
    Sample("\u{1B}\u{1B}[A", key(.up)),
    Sample("\u{1B}[<0;5;7M", mouse(.press(.left), 4, 6)), Sample("\u{1B}[<0;5;7m", mouse(.release, 4, 6)),
    Sample("\u{1B}[<18;1;1M", mouse(.press(.right), 0, 0)),
    Sample("\u{1B}[<32;300;90M", mouse(.drag(.left), 299, 89)),
    Sample("\u{1B}[<64;2;3M", mouse(.wheelUp, 1, 2)), Sample("\u{1B}[<65;2;3M", mouse(.wheelDown, 1, 2)),
    Sample("\u{1B}[<35;2;3M"), Sample("\u{1B}[<66;2;3M"), Sample("\u{1B}[<0;0;1M"),
    Sample("\u{1B}[M !!", mouse(.press(.left), 0, 0)), Sample("\u{1B}[M#!!", mouse(.release, 0, 0)),
    Sample("\u{1B}[I", .event(.focus(true))), Sample("\u{1B}[O", .event(.focus(false))),
    Sample("\u{1B}[200~a\r\nb\rc\u{1B}[A\u{7}\u{1B}[201~", .event(.paste("a\nb\nc[A"))),
    Sample("\u{1B}[200~\u{1B}[201~", .event(.paste(""))),
    Sample("\u{1B}[?63;1;4c", .reply(.deviceAttributes([63, 1, 4]))),
    Sample("\u{1B}[>41;379;0c", .reply(.other)),
    Sample("\u{1B}[6;20;10t", .reply(.cellSize(.init(width: 10, height: 20)))),
    Sample("\u{1B}[?1;0;256S", .reply(.colorRegisters(256))), Sample("\u{1B}[?1;3;0S", .reply(.other)),
    Sample("\u{1B}[?2;0;1000;900S", .reply(.largestPicture(.init(width: 1000, height: 900)))),
    Sample("\u{1B}[?2026;2$y", .reply(.synchronizedOutput(true))),
    Sample("\u{1B}[?2026;0$y", .reply(.synchronizedOutput(false))),
    Sample("\u{1B}]11;rgb:ffff/ffff/eeee\u{1B}\\", .reply(.background(isDark: false))),
    Sample("\u{1B}]11;rgb:1/2/3\u{7}", .reply(.background(isDark: true))),
    Sample("\u{1B}]11;rgb:/2/3\u{7}", .reply(.other)), Sample("\u{1B}]52;c;AAAA\u{7}", .reply(.other)),
    Sample("\u{1B}P>|foot(1.13)\u{1B}\\", .reply(.name("foot(1.13)"))),
    Sample("\u{1B}P1$r0m\u{1B}\\", .reply(.other)),
    Sample("\u{1B}_Gi=31;OK\u{1B}\\", .reply(.kittyGraphics(true))),
    Sample("\u{1B}_Gi=31;EINVAL\u{1B}\\", .reply(.kittyGraphics(false))),
    Sample("\u{1B}[24;80R", .reply(.other)), Sample("\u{1B}[0n", .reply(.other)),
]

@Suite struct InputParserTests {
    @Test(arguments: samples) fileprivate func means(_ sample: Sample) {
        var parser = InputParser()
        #expect(parser.feed(sample.input.utf8) == sample.items)
        #expect(parser.patience == .none)
    }

    /// Every sequence keeps its meaning however it is cut, and leaves the next one alone.
    @Test(arguments: samples) fileprivate func meansTheSameByteByByte(_ sample: Sample) {
        var parser = InputParser()
        var items: [InputParser.Item] = []
        for byte in (sample.input + "x").utf8 { items += parser.feed([byte]) }
        #expect(items == sample.items + [key(.character("x"))])
    }

    @Test func manyInOnePiece() {
        var parser = InputParser()
        #expect(parser.feed(samples.map(\.input).joined().utf8) == samples.flatMap(\.items))
    }

    @Test func whatIsUnfinishedIsAKeyOrNothing() {
        let unfinished: [(String, InputParser.Patience, [InputParser.Item])] = [
            ("\u{1B}", .key, [key(.escape)]), ("\u{1B}\u{1B}", .key, [key(.escape, alt: true)]),
            ("\u{1B}[", .key, [key(.character("["), alt: true)]),
            ("\u{1B}O", .key, [key(.character("O"), alt: true)]),
            ("\u{1B}P", .key, [key(.character("P"), alt: true)]),
            ("\u{1B}]", .key, [key(.character("]"), alt: true)]),
            ("\u{1B}[?63;1", .sequence, []), ("\u{1B}P>|foo", .sequence, []),
            ("\u{1B}]11;rgb\u{1B}", .sequence, []),
            ("\u{1B}[M ", .sequence, []), ("\u{1B}[[", .sequence, []),
            ("\u{1B}[200~abc\u{1B}[20", .paste, [.event(.paste("abc[20"))]),
        ]
        for (input, patience, items) in unfinished {
            var parser = InputParser()
            #expect(parser.feed(input.utf8) == [])
            #expect(parser.patience == patience, "\(input.debugDescription)")
            #expect(parser.giveUp() == items, "\(input.debugDescription)")
            #expect(parser.patience == .none)
            #expect(parser.feed("y".utf8) == [key(.character("y"))])
        }
    }

    @Test func invalidUTF8IsReplaced() {
        let replaced = key(.character("\u{FFFD}"))
        let inputs: [([UInt8], [InputParser.Item])] = [
            ([0xFF, 0x61], [replaced, key(.character("a"))]),
            ([0xC3, 0x28], [replaced, key(.character("("))]),
            ([0xE0, 0x80, 0x61], [replaced, replaced, key(.character("a"))]),
            ([0xED, 0xA0, 0x80], [replaced, replaced, replaced]), ([0xC0, 0xAF], [replaced, replaced]),
            ([0xE2, 0x82, 0x1B, 0x5B, 0x41], [replaced, key(.up)]), ([0x80], [replaced]),
        ]
        for (bytes, items) in inputs {
            var parser = InputParser()
            #expect(parser.feed(bytes) == items)
        }
        var parser = InputParser()
        #expect(parser.feed([0xF0, 0x9F]) == [] && parser.giveUp() == [replaced])
    }

    @Test func aSequenceThatIsBrokenOffLeavesTheNextAlone() {
        var parser = InputParser()
        #expect(
            parser.feed("\u{1B}[12\u{1B}[A\u{1B}]11;\u{1B}[B\u{1B}P>|\u{18}q".utf8)
                == [key(.up), key(.down), key(.character("q"))])
    }

    @Test func pastesAreBounded() {
        var parser = InputParser()
        let text = String(repeating: "a", count: InputParser.pasteLimit + 5000)
        let items = parser.feed("\u{1B}[200~\(text)\u{1B}[201~".utf8)
        guard case .event(.paste(let pasted))? = items.first else {
            Issue.record("no paste")
            return
        }
        #expect(items.count == 1)
        #expect(pasted.utf8.count == InputParser.pasteLimit)
        #expect(pasted.utf8.allSatisfy { $0 == UInt8(ascii: "a") })
    }

    /// Whatever comes, the parser ends in a state from which keys are keys.
    @Test func survivesGarbage() {
        var generator = RepeatableGenerator(seed: 11)
        let likely = Array("\u{1B}[]OP_\\;?<0129~Mmcu\u{7}\u{18}a".utf8)
        for _ in 0..<2000 {
            var parser = InputParser()
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                let isLikely = Bool.random(using: &generator)
                let byte =
                    isLikely
                    ? likely[Int.random(in: 0..<likely.count, using: &generator)]
                    : UInt8.random(in: 0...255, using: &generator)
                _ = parser.feed([byte])
            }
            _ = parser.giveUp()
            #expect(parser.feed("z".utf8) == [key(.character("z"))])
        }
    }
}
