import Foundation
import Imaging
import Portraits
import TerminalKit
import TestSupport
import Testing

/// What a user of a terminal with sixel sees, to the pixel.
@Suite struct PixelTests {
    @Test func aFinishedPortraitIsSeenInItsPlace() throws {
        let model = TmuxSession.house.appendingPathComponent("Tests/PortraitsTests/Fixtures/tiny").path
        let terminal = try XtermSession(arguments: ["--model", model])
        let gallery = Gallery(
            folder: URL(fileURLWithPath: terminal.folder.file(".local/share/facechain/gallery")))
        try terminal.press("g")
        try terminal.wait(for: "a portrait") { !gallery.items().isEmpty }
        let portrait = try ImageFile.read(try #require(gallery.items().last).file.path)
        try terminal.press("8", "End", "Return")
        // 256 colours with error diffusion; nothing else on the screen comes near.
        var best = 0.0
        try terminal.wait(for: "the portrait in the middle of the window") {
            best = max(best, try ratio(of: portrait, in: terminal.screenshot()))
            return best >= 20
        }
    }

    /// How well a square picture is seen where the large view puts it: signal to noise in decibels.
    private func ratio(of portrait: Image, in window: Image) throws -> Double {
        let cell = (width: window.width / XtermSession.columns, height: window.height / XtermSession.rows)
        // Between header and footer, less the line of the caption.
        let room = (columns: XtermSession.columns, rows: XtermSession.rows - 3)
        let side = min(room.columns * cell.width, room.rows * cell.height, 1000)
        let height = side - side % 6
        let hole = (
            columns: (side + cell.width - 1) / cell.width, rows: (height + cell.height - 1) / cell.height
        )
        let seen = window.cropped(
            x: (room.columns - hole.columns) / 2 * cell.width,
            y: (1 + (room.rows - hole.rows) / 2) * cell.height, width: side, height: height)
        let opaque = portrait.addingOpacity()
        let expected = PixelImage(width: opaque.width, height: opaque.height, rgba: opaque.pixels)
            .resampled(toWidth: side, height: height)
        var squares = 0.0
        for pixel in 0..<side * height {
            for channel in 0..<3 {
                let difference =
                    Double(seen.pixels[pixel * seen.channels.rawValue + channel])
                    - Double(expected.rgba[pixel * 4 + channel])
                squares += difference * difference
            }
        }
        return 10 * log10(255 * 255 / max(squares / Double(side * height * 3), 1e-9))
    }
}
