import Foundation
import Imaging
import TerminalKit
import TestSupport
import Testing

@Suite struct SixelTests {
    /// 256 colours with error diffusion: about 30 dB on smooth pictures.
    ///
    /// A height that is no multiple of 6 tells whether the last band is whole.
    @Test(arguments: [(96, 60), (61, 47), (200, 20)])
    func showsThePicture(_ width: Int, _ height: Int) throws {
        let picture = shadedDisc(width: width, height: height)
        let image = try decodedSixel(Sixel.encode(picture))
        #expect(image.width == width && image.height == height)
        #expect(peakSignalToNoise(image, picture) >= 25)
    }

    @Test func beginsAndEndsAsTerminalsExpect() throws {
        let bytes = try Sixel.encode(shadedDisc(width: 20, height: 12))
        #expect(bytes.starts(with: "\u{1B}P0;1;0q\"1;1;20;12".utf8))
        #expect(bytes.suffix(2).elementsEqual("\u{1B}\\".utf8))
        #expect(bytes.filter { $0 == 0x1B }.count == 2)
    }

    @Test func equalPicturesGiveEqualBytesFromManyTasks() async throws {
        let picture = shadedDisc(width: 64, height: 64)
        let expected = try Sixel.encode(picture)
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<24 { group.addTask { try Sixel.encode(picture) } }
            for try await bytes in group { #expect(bytes == expected) }
        }
    }

    @Test func transparencyIsBlack() throws {
        let image = try decodedSixel(Sixel.encode(shadedDisc(width: 12, height: 12, alpha: 0)))
        #expect(image.pixels.allSatisfy { $0 == 0 })
    }
}

@Suite struct HalfBlockTests {
    @Test func twoPixelsShareACell() {
        let image = PixelImage(
            width: 2, height: 2, rgba: [1, 2, 3, 255, 1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255])
        #expect(
            HalfBlocks.encode(image, columns: 10, rows: 10)
                == "\u{1B}[38;2;1;2;3m\u{1B}[48;2;4;5;6m▀\u{1B}[48;2;7;8;9m▀\u{1B}[0m\n")
    }

    @Test func fitsTheBox() {
        let text = HalfBlocks.encode(shadedDisc(width: 300, height: 401), columns: 20, rows: 8)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 8)
        #expect(lines.allSatisfy { $0.count { $0 == "▀" } == 11 })
    }

    @Test func shrinkingAverages() {
        let image = PixelImage(
            width: 3, height: 1, rgba: [0, 0, 0, 255, 100, 50, 0, 255, 200, 100, 1, 255])
        #expect(image.shrunk(toWidth: 1, height: 1).rgba == [100, 50, 0, 255])
    }
}

@Suite struct InlinePictureTests {
    private func terminal(
        _ replies: String, columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]
    ) -> TerminalCapabilities {
        TerminalCapabilities(
            replies: TerminalReplies(replies.utf8), columns: columns, rows: rows,
            windowSize: .init(width: columns * 10, height: rows * 20), environment: environment)
    }

    private func show(_ image: PixelImage, _ terminal: TerminalCapabilities) throws -> [UInt8]? {
        try InlinePicture.bytes(showing: image, in: terminal, columns: 40, rows: 50, environment: [:])
    }

    @Test func fitsItsCells() throws {
        let bytes = try show(shadedDisc(width: 1000, height: 500), terminal("\u{1B}[?63;4c"))
        #expect(bytes?.starts(with: "\u{1B}P0;1;0q\"1;1;400;200".utf8) == true)
        let low = try show(shadedDisc(width: 300, height: 900), terminal("\u{1B}[?63;4c"))
        #expect(low?.starts(with: "\u{1B}P0;1;0q\"1;1;146;440".utf8) == true)
        let small = try show(shadedDisc(width: 30, height: 20), terminal("\u{1B}[?63;4c"))
        #expect(small?.starts(with: "\u{1B}P0;1;0q\"1;1;30;20".utf8) == true)
    }

    @Test func asksForColourRegistersWhereThereAreFew() throws {
        let bytes = try show(shadedDisc(width: 8, height: 8), terminal("\u{1B}[?1;0;16S\u{1B}[?63;4c"))
        #expect(bytes?.starts(with: "\u{1B}[?1;3;256S\u{1B}P".utf8) == true)
    }

    @Test func withoutSixelThereAreBlocksOrNothing() throws {
        let blocks = try show(
            shadedDisc(width: 8, height: 8),
            terminal("\u{1B}[?62;22c", environment: ["COLORTERM": "truecolor"]))
        #expect(blocks?.starts(with: "\u{1B}[38;2;".utf8) == true)
        #expect(try show(shadedDisc(width: 8, height: 8), terminal("\u{1B}[?62;22c")) == nil)
        let colorless = ["COLORTERM": "truecolor", "NO_COLOR": "1"]
        #expect(try show(shadedDisc(width: 8, height: 8), terminal("", environment: colorless)) == nil)
    }

    @Test func otherProtocolsGetPNG() throws {
        let iTerm = try show(
            shadedDisc(width: 8, height: 8), terminal("\u{1B}P>|iTerm2 3.5\u{1B}\\\u{1B}[?4c"))
        #expect(iTerm?.starts(with: "\u{1B}]1337;File=inline=1;size=".utf8) == true)
        let kitty = try show(shadedDisc(width: 8, height: 8), terminal("\u{1B}_Gi=31;OK\u{1B}\\\u{1B}[?4c"))
        #expect(kitty?.starts(with: "\u{1B}_Ga=T,f=100,q=2,m=0;iVBORw0KGgo".utf8) == true)
    }

    @Test func tmuxGetsNoMoreThanItTakes() throws {
        var generator = RepeatableGenerator(seed: 3)
        let noise = PixelImage(
            width: 800, height: 600,
            rgba: (0..<800 * 600 * 4).map {
                $0 % 4 == 3 ? 255 : UInt8.random(in: 0...255, using: &generator)
            })
        let terminal = terminal("\u{1B}[?63;4c", columns: 200, rows: 100)
        let free = try InlinePicture.bytes(
            showing: noise, in: terminal, columns: 200, rows: 100, environment: [:])
        let bounded = try InlinePicture.bytes(
            showing: noise, in: terminal, columns: 200, rows: 100,
            environment: ["TMUX": "/tmp/tmux-1000/default,1,0"])
        #expect(try #require(free).count > 1_048_576)
        #expect(try #require(bounded).count <= 900_001)
    }
}
