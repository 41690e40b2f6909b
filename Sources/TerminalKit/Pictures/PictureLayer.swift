/// A rectangle of a picture that nothing covers.
package struct PictureTile: Sendable, Hashable {
    /// What it shows.
    package let encoding: PictureEncoding
    /// The cells it takes.
    package let place: CellRect
}

/// What is to change on the screen for the pictures of a frame.
package struct PicturePlan {
    /// Whether a picture covers a cell, row by row.
    package let isHole: [Bool]
    /// All tiles of the frame, those that are on the screen already among them.
    package let tiles: [PictureTile]
    /// Rows of cells whose pixels must go, as rectangles one cell high.
    package let erased: [CellRect]
    fileprivate let wanted: [PictureLayer.Cell?]
}

/// What pixels are on the screen above the characters.
///
/// Terminals draw pictures into cells and forget them; only writing characters there takes them away, and only
/// this type knows where they are.
package struct PictureLayer {
    /// A picture at a size; two of equal `shape` cover the same pixels.
    private struct Content: Hashable {
        let id: String
        let version: Int
        let shape: Shape
    }

    private struct Shape: Hashable {
        let scaled: CellFit.Pixels
        let size: CellSize
        let format: PictureFormat
    }

    /// One cell of a picture.
    fileprivate struct Cell: Equatable {
        /// Which content, a number of `contents`.
        let content: Int
        let offset: CellPoint
    }

    /// ncurses may rewrite unchanged cells between changed ones, but never so many in a row (tried with 6.4).
    private static let safeWidth = 6

    private let size: CellSize
    private var shown: [Cell?]
    private var contents: [Int: Content] = [:]
    private var numbers: [Content: Int] = [:]
    private var nextNumber = 0

    /// A screen without pictures.
    package init(size: CellSize) {
        self.size = size
        shown = Array(repeating: nil, count: size.columns * size.rows)
    }

    /// Finds what a frame needs; afterwards the cells to be erased count as empty.
    ///
    /// Pixels stay where a picture of the same shape takes their place, until that is painted.
    package mutating func plan(_ frame: Frame, terminal: TerminalCapabilities) -> PicturePlan {
        dropUnusedContents()
        let format = PictureFormat(terminal)
        var wanted = [Cell?](repeating: nil, count: shown.count)
        var tiles: [PictureTile] = []
        for (index, picture) in frame.pictures.enumerated() where terminal.graphics != .none {
            guard let fit = CellFit(picture.image, in: picture.rect, on: size, terminal: terminal) else {
                continue
            }
            let number = number(
                of: Content(
                    id: picture.id, version: picture.version,
                    shape: Shape(scaled: fit.scaled, size: fit.hole.size, format: format)))
            for place in Self.uncovered(fit.hole, by: Int16(index), in: frame, size: size) {
                for row in place.rowRange {
                    for column in place.columnRange {
                        let offset = CellPoint(column: column - fit.hole.column, row: row - fit.hole.row)
                        wanted[row * size.columns + column] = Cell(content: number, offset: offset)
                    }
                }
                let part = CellRect(
                    column: place.column - fit.hole.column, row: place.row - fit.hole.row,
                    columns: place.columns, rows: place.rows)
                tiles.append(
                    PictureTile(
                        encoding: PictureEncoding(
                            id: picture.id, version: picture.version, scaled: fit.scaled, part: part,
                            format: format), place: place))
            }
        }
        return PicturePlan(
            isHole: wanted.map { $0 != nil }, tiles: tiles, erased: erase(for: wanted), wanted: wanted)
    }

    /// Whether some of a tile is not on the screen.
    package func lacks(_ tile: PictureTile, of plan: PicturePlan) -> Bool {
        tile.place.rowRange.contains { row in
            let start = row * size.columns
            return tile.place.columnRange.contains { shown[start + $0] != plan.wanted[start + $0] }
        }
    }

    /// A tile has been painted.
    package mutating func paint(_ tile: PictureTile, of plan: PicturePlan) {
        for row in tile.place.rowRange {
            let start = row * size.columns
            for column in tile.place.columnRange { shown[start + column] = plan.wanted[start + column] }
        }
    }

    /// What is in some cells is not known any more.
    package mutating func forget(_ rect: CellRect) {
        for row in rect.intersection(CellRect(size)).rowRange {
            for column in rect.intersection(CellRect(size)).columnRange {
                shown[row * size.columns + column] = nil
            }
        }
    }

    /// The characters of a row were written anew, perhaps across tiles that are narrow.
    package mutating func rowChanged(_ row: Int, tiles: [PictureTile]) {
        for tile in tiles where tile.place.columns < Self.safeWidth && tile.place.rowRange.contains(row) {
            forget(tile.place)
        }
    }

    /// All cells with pixels, as rectangles one cell high.
    package func occupied() -> [CellRect] {
        runs { shown[$0] != nil }
    }

    private mutating func erase(for wanted: [Cell?]) -> [CellRect] {
        var isStale = [Bool](repeating: false, count: shown.count)
        for (position, old) in shown.enumerated() {
            guard let old, old != wanted[position] else { continue }
            if let new = wanted[position], new.offset == old.offset,
                contents[new.content]?.shape == contents[old.content]?.shape
            {
                continue
            }
            isStale[position] = true
            shown[position] = nil
        }
        return runs { isStale[$0] }
    }

    private func runs(where holds: (Int) -> Bool) -> [CellRect] {
        var result: [CellRect] = []
        for row in 0..<size.rows {
            var start: Int?
            for column in 0...size.columns {
                let isInside = column < size.columns && holds(row * size.columns + column)
                if isInside {
                    start = start ?? column
                } else if let first = start {
                    result.append(CellRect(column: first, row: row, columns: column - first, rows: 1))
                    start = nil
                }
            }
        }
        return result
    }

    /// The cells of a hole that belong to its picture, as few rectangles.
    private static func uncovered(
        _ hole: CellRect, by index: Int16, in frame: Frame, size: CellSize
    ) -> [CellRect] {
        let visible = hole.intersection(frame.bounds).intersection(CellRect(size))
        var done: [CellRect] = []
        var open: [CellRect] = []  // rectangles that end in the row above
        for row in visible.rowRange {
            let cells = frame[row: row]
            var runs: [Range<Int>] = []
            for column in visible.columnRange where cells[cells.startIndex + column].picture == index {
                if let last = runs.last, last.upperBound == column {
                    runs[runs.count - 1] = last.lowerBound..<column + 1
                } else {
                    runs.append(column..<column + 1)
                }
            }
            var next: [CellRect] = []
            for run in runs {
                if let above = open.firstIndex(where: { $0.columnRange == run }) {
                    let rect = open.remove(at: above)
                    next.append(
                        CellRect(
                            column: rect.column, row: rect.row, columns: rect.columns, rows: rect.rows + 1))
                } else {
                    next.append(CellRect(column: run.lowerBound, row: row, columns: run.count, rows: 1))
                }
            }
            done += open
            open = next
        }
        return done + open
    }

    private mutating func number(of content: Content) -> Int {
        if let number = numbers[content] { return number }
        nextNumber += 1
        numbers[content] = nextNumber
        contents[nextNumber] = content
        return nextNumber
    }

    private mutating func dropUnusedContents() {
        let used = Set(shown.compactMap { $0?.content })
        contents = contents.filter { used.contains($0.key) }
        numbers = numbers.filter { used.contains($0.value) }
    }
}
