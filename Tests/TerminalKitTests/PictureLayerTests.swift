import Imaging
import TerminalKit
import TestSupport
import Testing

/// A terminal with sixel and cells of 10 x 20 pixels.
private func terminal(
    _ replies: String = "\u{1B}[6;20;10t\u{1B}[?4c", columns: Int = 40, rows: Int = 20,
    environment: [String: String] = [:]
) -> TerminalCapabilities {
    TerminalCapabilities(
        replies: TerminalReplies(replies.utf8), columns: columns, rows: rows,
        windowSize: .init(width: 0, height: 0), environment: environment)
}

@Suite struct CellFitTests {
    private let screen = CellSize(columns: 40, rows: 20)

    private func fit(
        _ width: Int, _ height: Int, in rect: CellRect, _ terminal: TerminalCapabilities = terminal()
    ) -> CellFit? {
        let image = PixelImage(
            width: width, height: height, rgba: Array(repeating: 0, count: width * height * 4))
        return CellFit(image, in: rect, on: screen, terminal: terminal)
    }

    @Test func keepsProportionsInTheMiddle() {
        // 20 x 10 cells are 200 x 200 pixels.
        let rect = CellRect(column: 4, row: 2, columns: 20, rows: 10)
        let square = fit(50, 50, in: rect)
        #expect(square?.scaled == .init(width: 200, height: 198))
        #expect(square?.hole == rect)
        let high = fit(50, 100, in: rect)
        #expect(high?.scaled == .init(width: 100, height: 198))
        #expect(high?.hole == CellRect(column: 9, row: 2, columns: 10, rows: 10))
        let flat = fit(1000, 100, in: rect)
        #expect(flat?.scaled == .init(width: 200, height: 18))
        #expect(flat?.hole == CellRect(column: 4, row: 6, columns: 20, rows: 1))
    }

    @Test func leavesTheLastRowAlone() {
        let rect = CellRect(column: 0, row: 10, columns: 20, rows: 10)
        #expect(fit(50, 50, in: rect)?.hole.rowRange.upperBound == 19)
        #expect(fit(50, 50, in: CellRect(column: 0, row: 19, columns: 20, rows: 1)) == nil)
        let blocks = terminal("\u{1B}[?1c", environment: ["COLORTERM": "truecolor"])
        #expect(fit(50, 50, in: rect, blocks)?.hole.rowRange.upperBound == 20)
        #expect(fit(50, 50, in: rect, blocks)?.scaled == .init(width: 40, height: 20))
    }

    @Test func obeysTheTerminalsLimit() {
        let small = terminal("\u{1B}[6;20;10t\u{1B}[?2;0;100;90S\u{1B}[?4c")
        let rect = CellRect(column: 0, row: 0, columns: 40, rows: 10)
        #expect(fit(50, 50, in: rect, small)?.scaled == .init(width: 90, height: 90))
    }

    @Test func nothingFitsNowhere() {
        #expect(fit(5, 5, in: CellRect(column: 50, row: 0, columns: 5, rows: 5)) == nil)
        #expect(fit(5, 5, in: CellRect(column: 0, row: 0, columns: 0, rows: 5)) == nil)
        #expect(fit(1, 5000, in: CellRect(column: 0, row: 0, columns: 1, rows: 1))?.scaled.width == 1)
    }
}

@Suite struct PictureLayerTests {
    private let size = CellSize(columns: 40, rows: 20)

    private func frame(
        _ id: String = "a", version: Int = 1, at column: Int = 5, covered: CellRect? = nil
    ) -> Frame {
        var frame = Frame(size: size)
        let image = shadedDisc(width: 50, height: 50)
        frame.place(
            FramePicture(
                id: id, version: version, image: image,
                rect: CellRect(column: column, row: 2, columns: 20, rows: 10)))
        if let covered { frame.fill(covered) }
        return frame
    }

    private func area(_ rects: [CellRect]) -> Int { rects.reduce(0) { $0 + $1.columns * $1.rows } }

    @Test func paintsOnceAndErasesAtTheEnd() {
        var layer = PictureLayer(size: size)
        let first = layer.plan(frame(), terminal: terminal())
        #expect(first.erased.isEmpty && first.tiles.count == 1)
        #expect(first.isHole.count { $0 } == 200)
        #expect(layer.lacks(first.tiles[0], of: first))
        layer.paint(first.tiles[0], of: first)
        let second = layer.plan(frame(), terminal: terminal())
        #expect(!layer.lacks(second.tiles[0], of: second) && second.erased.isEmpty)
        let third = layer.plan(Frame(size: size), terminal: terminal())
        #expect(third.tiles.isEmpty && area(third.erased) == 200)
        #expect(layer.occupied().isEmpty)
    }

    @Test func anotherPictureOfThatShapeReplacesWithoutErasing() {
        var layer = PictureLayer(size: size)
        let first = layer.plan(frame(), terminal: terminal())
        layer.paint(first.tiles[0], of: first)
        for next in [frame(version: 2), frame("b")] {
            let plan = layer.plan(next, terminal: terminal())
            #expect(plan.erased.isEmpty)
            #expect(layer.lacks(plan.tiles[0], of: plan))
        }
        let moved = layer.plan(frame(at: 6), terminal: terminal())
        #expect(area(moved.erased) == 200)
    }

    @Test func coveredPicturesAreTiles() {
        var layer = PictureLayer(size: size)
        let whole = layer.plan(frame(), terminal: terminal())
        layer.paint(whole.tiles[0], of: whole)
        let popup = CellRect(column: 10, row: 5, columns: 5, rows: 3)
        let covered = layer.plan(frame(covered: popup), terminal: terminal())
        #expect(covered.tiles.count == 4)
        #expect(area(covered.tiles.map(\.place)) == 200 - 15)
        #expect(area(covered.erased) == 15)
        // What is not covered is there already.
        #expect(covered.tiles.allSatisfy { !layer.lacks($0, of: covered) })
        let again = layer.plan(frame(), terminal: terminal())
        #expect(again.tiles.count == 1 && layer.lacks(again.tiles[0], of: again))
    }

    @Test func narrowTilesFollowTheirRow() {
        var layer = PictureLayer(size: size)
        let popup = CellRect(column: 8, row: 2, columns: 30, rows: 10)
        let plan = layer.plan(frame(covered: popup), terminal: terminal())
        #expect(plan.tiles.map(\.place) == [CellRect(column: 5, row: 2, columns: 3, rows: 10)])
        layer.paint(plan.tiles[0], of: plan)
        layer.rowChanged(14, tiles: plan.tiles)
        #expect(!layer.lacks(plan.tiles[0], of: plan))
        layer.rowChanged(4, tiles: plan.tiles)
        #expect(layer.lacks(plan.tiles[0], of: plan))
    }

    @Test func theUpperOfTwoPicturesIsWhole() {
        var layer = PictureLayer(size: size)
        var frame = frame()
        frame.place(
            FramePicture(
                id: "b", version: 1, image: shadedDisc(width: 20, height: 20),
                rect: CellRect(column: 20, row: 4, columns: 10, rows: 5)))
        let plan = layer.plan(frame, terminal: terminal())
        let upper = plan.tiles.filter { $0.encoding.id == "b" }
        #expect(upper.map(\.place) == [CellRect(column: 20, row: 4, columns: 10, rows: 5)])
        #expect(area(plan.tiles.map(\.place)) == 200 - 25 + 50)
    }

    @Test func withoutGraphicsThereAreNoHoles() {
        var layer = PictureLayer(size: size)
        let none = TerminalCapabilities(
            replies: TerminalReplies(), columns: 40, rows: 20, windowSize: .init(width: 0, height: 0),
            forced: TerminalCapabilities.Graphics.none, environment: [:])
        let plan = layer.plan(frame(), terminal: none)
        #expect(plan.tiles.isEmpty && !plan.isHole.contains(true))
    }
}

@Suite struct PictureEncodingTests {
    /// Parts put together are the whole.
    @Test func partsOfAPictureFit() throws {
        let image = shadedDisc(width: 90, height: 120)
        let format = PictureFormat(terminal())
        let whole = image.resampled(toWidth: 90, height: 120)
        for part in [
            CellRect(column: 0, row: 0, columns: 9, rows: 2),
            CellRect(column: 3, row: 2, columns: 6, rows: 4),
        ] {
            let encoding = PictureEncoding(
                id: "a", version: 1, scaled: .init(width: 90, height: 120), part: part, format: format)
            let pieces = try encoding.encode(image).pieces
            #expect(pieces.count == 1)
            let expected = whole.cropped(
                x: part.column * 10, y: part.row * 20, width: part.columns * 10, height: part.rows * 20)
            #expect(peakSignalToNoise(try decodedSixel(pieces[0].bytes), expected) >= 25)
        }
    }

    /// Noise is what sixel shortens least.
    @Test func longPicturesGoToTmuxInBands() throws {
        var generator = RepeatableGenerator(seed: 3)
        let (width, height) = (900, 600)
        let noise = PixelImage(
            width: width, height: height,
            rgba: (0..<width * height * 4).map {
                $0 % 4 == 3 ? 255 : UInt8.random(in: 0...255, using: &generator)
            })
        let tmux = terminal(
            "\u{1B}P>|tmux 3.4\u{1B}\\\u{1B}[6;20;10t\u{1B}[?4c", columns: 200, rows: 60,
            environment: ["TMUX": "x"])
        #expect(tmux.graphics == .sixel)
        let encoding = PictureEncoding(
            id: "a", version: 1, scaled: .init(width: width, height: height),
            part: CellRect(column: 0, row: 0, columns: 90, rows: 30), format: PictureFormat(tmux))
        let pieces = try encoding.encode(noise).pieces
        #expect(pieces.count > 1)
        #expect(pieces.allSatisfy { $0.bytes.count <= 900_000 })
        var row = 0
        for piece in pieces {
            #expect(piece.row == row)
            let image = try decodedSixel(piece.bytes)
            #expect(image.width == width && image.height % 20 == 0)
            row += image.height / 20
        }
        #expect(row == 30)
    }
}

@Suite struct ArtTests {
    /// Red above blue, with one red pixel below at the right.
    private let corner = PixelImage(
        width: 2, height: 2,
        rgba: [250, 0, 0, 255, 250, 0, 0, 255, 0, 0, 250, 255, 250, 0, 0, 255])

    @Test func quadrantsShowFourPixels() {
        let lines = BlockArt.encode(corner, colors: .direct)
        // One blue pixel, lower left, on red.
        #expect(
            lines.map { String(decoding: $0, as: UTF8.self) }
                == ["\u{1B}[0m\u{1B}[38;2;0;0;250;48;2;250;0;0m▖\u{1B}[0m"])
    }

    @Test func fewerColoursAreNearest() {
        func line(_ colors: TerminalCapabilities.ColorDepth) -> String {
            String(decoding: BlockArt.encode(corner, colors: colors)[0], as: UTF8.self)
        }
        #expect(line(.palette256) == "\u{1B}[0m\u{1B}[38;5;21;48;5;196m▖\u{1B}[0m")
        #expect(line(.palette16) == "\u{1B}[0m\u{1B}[34;101m▖\u{1B}[0m")
    }

    @Test func inkIsLightOnDarkAndDarkOnLight() {
        let image = PixelImage(
            width: 3, height: 1, rgba: [0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255])
        func line(_ isDark: Bool) -> String {
            String(
                decoding: CharacterArt.encode(image, colors: .monochrome, isDark: isDark)[0], as: UTF8.self)
        }
        #expect(line(true) == "\u{1B}[0m +@\u{1B}[0m")
        #expect(line(false) == "\u{1B}[0m@= \u{1B}[0m")
    }

    /// Each entry of the fixed part of the palette is nearest to itself.
    @Test func nearestOf256() {
        let cube: [UInt8] = [0, 95, 135, 175, 215, 255]
        for (r, red) in cube.enumerated() {
            for (g, green) in cube.enumerated() {
                for (b, blue) in cube.enumerated() {
                    #expect(Palette.nearest256(red: red, green: green, blue: blue) == 16 + 36 * r + 6 * g + b)
                }
            }
        }
        for grey in 0..<24 where ![5, 11, 14].contains(grey) {
            let level = UInt8(8 + 10 * grey)
            let found = Palette.nearest256(red: level, green: level, blue: level)
            #expect(found == 232 + grey || level == 95 || level == 135 || level == 175)
        }
    }

    @Test func resamplingKeepsMeansAndFlatness() {
        let flat = PixelImage(
            width: 7, height: 5, rgba: (0..<35).flatMap { _ in [10, 20, 30, 255] as [UInt8] })
        for (width, height) in [(3, 2), (20, 40), (7, 1), (1, 5), (7, 5)] {
            let scaled = flat.resampled(toWidth: width, height: height)
            #expect(scaled.width == width && scaled.height == height)
            #expect(scaled.rgba == (0..<width * height).flatMap { _ in [10, 20, 30, 255] as [UInt8] })
        }
        // Twice as wide: a quarter of the way between neighbours.
        let ramp = PixelImage(width: 2, height: 1, rgba: [0, 0, 0, 255, 100, 100, 100, 255])
        let wide = ramp.resampled(toWidth: 4, height: 1)
        #expect(stride(from: 0, to: 16, by: 4).map { wide.rgba[$0] } == [0, 25, 75, 100])
    }
}
