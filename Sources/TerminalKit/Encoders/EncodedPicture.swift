/// A picture as bytes for a terminal.
package struct EncodedPicture: Sendable, Equatable {
    /// Bytes that draw from the cursor's place to the right and down.
    package struct Piece: Sendable, Equatable {
        /// How many rows below the picture's first row the cursor has to be.
        package let row: Int
        /// What to send.
        package let bytes: [UInt8]
    }

    /// What to send, from top to bottom; for kitty one piece that `KittyGraphics.transmission` completes.
    package let pieces: [Piece]

    /// Bytes of all pieces.
    package var byteCount: Int { pieces.reduce(0) { $0 + $1.bytes.count } }
}

/// What is to be encoded: a part of a picture at a size, for a certain kind of terminal.
package struct PictureEncoding: Sendable, Hashable {
    /// What the picture is.
    package let id: String
    /// Which state of it.
    package let version: Int
    /// The size to which the whole picture is scaled: pixels, or the four parts of each cell for blocks.
    package let scaled: CellFit.Pixels
    /// The part to show, in cells from the picture's upper left cell.
    package let part: CellRect
    /// How it is shown.
    package let format: PictureFormat

    /// Says what is to be encoded.
    package init(id: String, version: Int, scaled: CellFit.Pixels, part: CellRect, format: PictureFormat) {
        self.id = id
        self.version = version
        self.scaled = scaled
        self.part = part
        self.format = format
    }
}

/// How pictures become bytes.
package struct PictureFormat: Sendable, Hashable {
    /// The protocol.
    package let graphics: TerminalCapabilities.Graphics
    /// Colours of blocks and ASCII.
    package let colors: TerminalCapabilities.ColorDepth
    /// Pixels of a cell.
    package let cellWidth: Int
    /// Pixels of a cell.
    package let cellHeight: Int
    /// Whether ASCII is denser where the picture is brighter.
    package let isDark: Bool
    /// The longest sequence that the terminal takes.
    package let byteLimit: Int

    /// tmux drops a control sequence of 1 MiB without a word.
    private static let tmuxByteLimit = 900_000

    /// The format for a terminal.
    package init(_ terminal: TerminalCapabilities) {
        graphics = terminal.graphics
        colors = terminal.colors
        cellWidth = terminal.cellSize.width
        cellHeight = terminal.cellSize.height
        isDark = terminal.hasDarkBackground ?? true
        byteLimit = terminal.isInsideTmux ? Self.tmuxByteLimit : .max
    }
}

extension PictureEncoding {
    /// Scales, cuts and encodes.
    ///
    /// - Throws: `Sixel.EncodingError` or `PNGBytes.EncodingError`.
    package func encode(_ image: PixelImage) throws -> EncodedPicture {
        switch format.graphics {
        case .none:
            return EncodedPicture(pieces: [])
        case .blocks, .ascii:
            let cells = format.graphics == .blocks ? 2 : 1
            let small = image.resampled(toWidth: scaled.width, height: scaled.height)
            let cut = small.cropped(
                x: part.column * cells, y: part.row * cells, width: part.columns * cells,
                height: part.rows * cells)
            let rows =
                format.graphics == .blocks
                ? BlockArt.encode(cut, colors: format.colors)
                : CharacterArt.encode(cut, colors: format.colors, isDark: format.isDark)
            return EncodedPicture(pieces: rows.enumerated().map { .init(row: $0.offset, bytes: $0.element) })
        case .kitty:
            return EncodedPicture(pieces: [
                .init(
                    row: 0, bytes: Base64.encode(try PNGBytes.encode(pixels(of: image, rows: 0..<part.rows))))
            ])
        case .iTerm2:
            let cut = pixels(of: image, rows: 0..<part.rows)
            return EncodedPicture(pieces: [.init(row: 0, bytes: try ITermImage.encode(cut))])
        case .sixel:
            return EncodedPicture(
                pieces: try sixelPieces(
                    image.resampled(toWidth: scaled.width, height: scaled.height), rows: 0..<part.rows))
        }
    }

    private func pixels(of image: PixelImage, rows: Range<Int>) -> PixelImage {
        cut(image.resampled(toWidth: scaled.width, height: scaled.height), rows: rows)
    }

    private func cut(_ scaledImage: PixelImage, rows: Range<Int>) -> PixelImage {
        scaledImage.cropped(
            x: part.column * format.cellWidth, y: (part.row + rows.lowerBound) * format.cellHeight,
            width: part.columns * format.cellWidth, height: rows.count * format.cellHeight)
    }

    /// A picture too long for one sequence goes in bands, each with colours of its own.
    private func sixelPieces(_ scaledImage: PixelImage, rows: Range<Int>) throws -> [EncodedPicture.Piece] {
        let bytes = try Sixel.encode(cut(scaledImage, rows: rows))
        guard bytes.count > format.byteLimit, rows.count > 1 else {
            return [.init(row: rows.lowerBound, bytes: bytes)]
        }
        let middle = rows.lowerBound + rows.count / 2
        return try sixelPieces(scaledImage, rows: rows.lowerBound..<middle)
            + sixelPieces(scaledImage, rows: middle..<rows.upperBound)
    }
}
