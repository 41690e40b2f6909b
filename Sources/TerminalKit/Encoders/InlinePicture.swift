/// A picture among the lines of a shell session.
public enum InlinePicture {
    /// tmux drops a control sequence of 1 MiB without a word.
    private static let tmuxByteLimit = 900_000

    /// The bytes that show a picture at the cursor and leave the cursor on a line of its own below.
    ///
    /// - Parameters:
    ///   - columns: the widest the picture may be, in cells; the terminal's width if that is less.
    ///   - rows: the highest, in cells; the terminal's height less two lines if that is less.
    /// - Returns: nil if the terminal shows no pictures.
    /// - Throws: `Sixel.EncodingError` or `PNGBytes.EncodingError`.
    public static func bytes(
        showing image: PixelImage, in terminal: TerminalCapabilities, columns: Int, rows: Int,
        environment: [String: String]
    ) throws -> [UInt8]? {
        let columns = max(1, min(columns, terminal.columns))
        let rows = max(1, min(rows, terminal.rows - 2))
        switch terminal.graphics {
        case .blocks where terminal.colors == .direct:
            return Array(HalfBlocks.encode(image, columns: columns, rows: rows).utf8)
        case .blocks, .ascii, .none:
            return nil
        case .kitty, .iTerm2:
            let size = image.fittedSize(
                maxWidth: columns * terminal.cellSize.width, maxHeight: rows * terminal.cellSize.height)
            let small = image.shrunk(toWidth: size.width, height: size.height)
            let bytes =
                terminal.graphics == .kitty
                ? KittyGraphics.transmission(of: Base64.encode(try PNGBytes.encode(small)), id: nil)
                : try ITermImage.encode(small)
            return bytes + Array("\n".utf8)
        case .sixel:
            let byteLimit = environment["TMUX"] == nil ? Int.max : tmuxByteLimit
            var box = (width: columns * terminal.cellSize.width, height: rows * terminal.cellSize.height)
            while true {
                let size = image.fittedSize(maxWidth: box.width, maxHeight: box.height)
                let sixel = try Sixel.encode(image.shrunk(toWidth: size.width, height: size.height))
                if sixel.count <= byteLimit || min(size.width, size.height) < 16 {
                    return paletteSetup(terminal) + sixel + Array("\n".utf8)
                }
                box = (size.width * 4 / 5, size.height * 4 / 5)
            }
        }
    }

    /// xterm may start with 16 colour registers, on which 256 colours turn to mud.
    private static func paletteSetup(_ terminal: TerminalCapabilities) -> [UInt8] {
        guard let registers = terminal.colorRegisters, registers < 256 else { return [] }
        return Array("\u{1B}[?1;3;256S".utf8)
    }
}
