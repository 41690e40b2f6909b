/// Where a picture lies on a screen of character cells, and how large it is there.
package struct CellFit: Sendable, Hashable {
    /// A size in pixels, or in the parts into which block characters divide a cell.
    package struct Pixels: Sendable, Hashable {
        /// To the right.
        package let width: Int
        /// Downwards.
        package let height: Int

        /// Makes a size.
        package init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// The cells it covers, some of those at the right and lower edge only in part.
    package let hole: CellRect
    /// The size to which it is scaled.
    package let scaled: Pixels

    /// The largest fit that keeps the proportions, centred; nil where there is no room at all.
    ///
    /// - Parameters:
    ///   - rect: the cells it may take.
    ///   - screen: the screen's size.
    package init?(
        _ image: PixelImage, in rect: CellRect, on screen: CellSize, terminal: TerminalCapabilities
    ) {
        guard let room = Self.room(rect, on: screen, terminal) else { return nil }
        let cell = terminal.cellSize
        var (maxWidth, maxHeight) = (room.columns * cell.width, room.rows * cell.height)
        if terminal.graphics == .sixel, let largest = terminal.largestPicture, largest.width > 0,
            largest.height > 0
        {
            maxWidth = min(maxWidth, largest.width)
            maxHeight = min(maxHeight, largest.height)
        }
        let scale = min(Double(maxWidth) / Double(image.width), Double(maxHeight) / Double(image.height))
        let width = min(max(1, Int((Double(image.width) * scale).rounded())), maxWidth)
        var height = min(max(1, Int((Double(image.height) * scale).rounded())), maxHeight)
        switch terminal.graphics {
        case .blocks, .ascii, .none:
            let columns = max(1, (width + cell.width / 2) / cell.width)
            let rows = max(1, (height + cell.height / 2) / cell.height)
            let parts = terminal.graphics == .blocks ? 2 : 1
            scaled = Pixels(width: columns * parts, height: rows * parts)
            hole = room.centered(CellSize(columns: columns, rows: rows))
        case .sixel, .kitty, .iTerm2:
            // Sixel comes in bands of 6; a last band that is cut may spill into the row below.
            if terminal.graphics == .sixel { height = max(6, height - height % 6) }
            scaled = Pixels(width: width, height: height)
            hole = room.centered(
                CellSize(
                    columns: (width + cell.width - 1) / cell.width,
                    rows: (height + cell.height - 1) / cell.height))
        }
    }

    /// The part of a rectangle where pictures may be: a picture that ends in the last row scrolls the screen.
    private static func room(
        _ rect: CellRect, on screen: CellSize, _ terminal: TerminalCapabilities
    ) -> CellRect? {
        let rect = rect.intersection(CellRect(screen))
        guard !rect.isEmpty else { return nil }
        let scrolls = terminal.graphics == .sixel || terminal.graphics == .iTerm2
        guard scrolls, rect.rowRange.upperBound == screen.rows else { return rect }
        return rect.rows > 1 ? rect.splitRows(bottom: 1).top : nil
    }
}
