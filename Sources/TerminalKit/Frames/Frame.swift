/// All that a screen shows at one moment, as a value: characters, pictures, and the cursor.
///
/// What is drawn later lies above what was drawn before, text and pictures alike.
public struct Frame: Sendable, Equatable {
    /// One character cell.
    package struct Cell: Sendable, Equatable {
        /// The character.
        package var scalar: Unicode.Scalar
        /// Accents above or below it.
        package var marks: [Unicode.Scalar]
        /// How it looks.
        package var style: TextStyle
        /// Cells that the character takes: 1, 2, or 0 for the right half of a wide one.
        package var width: UInt8
        /// The picture that covers the cell, an index into `pictures`.
        package var picture: Int16?

        static func blank(_ style: TextStyle) -> Cell {
            Cell(scalar: " ", marks: [], style: style, width: 1, picture: nil)
        }
    }

    /// Columns and rows.
    public let size: CellSize
    /// Where the text cursor is; hidden if nil.
    public var cursor: CellPoint?
    /// The pictures in the order in which they were placed.
    public private(set) var pictures: [FramePicture] = []
    private var cells: [Cell]

    /// A frame of blanks.
    public init(size: CellSize) {
        self.size = size
        cells = Array(repeating: .blank(.standard), count: size.columns * size.rows)
    }

    /// The rectangle of the whole frame.
    public var bounds: CellRect { CellRect(size) }

    /// One row of cells.
    package subscript(row row: Int) -> ArraySlice<Cell> {
        cells[row * size.columns..<(row + 1) * size.columns]
    }

    /// Writes one line of text; what lies outside the frame or beyond `width` is cut off.
    ///
    /// The text may come from anywhere: control characters are made visible (see `SafeText`). A wide character
    /// that would be cut through is left out.
    ///
    /// - Parameter width: the most cells to use; without it, up to the frame's edge.
    /// - Returns: the cells used, those left of the frame included.
    @discardableResult public mutating func write(
        _ text: String, at point: CellPoint, style: TextStyle = .standard, width: Int? = nil
    ) -> Int {
        let end = min(width.map { point.column + max(0, $0) } ?? size.columns, size.columns)
        guard (0..<size.rows).contains(point.row) else { return 0 }
        var column = point.column
        for scalar in SafeText(text).description.unicodeScalars {
            let cellWidth = CellWidth.of(scalar)
            if cellWidth == 0 {
                if column > point.column { addMark(scalar, before: column, row: point.row) }
                continue
            }
            guard column + cellWidth <= end else { break }
            if column >= 0 { set(scalar, width: cellWidth, column: column, row: point.row, style: style) }
            column += cellWidth
        }
        return column - point.column
    }

    /// Makes cells blank, in a style.
    public mutating func fill(_ rect: CellRect, style: TextStyle = .standard) {
        for row in rect.intersection(bounds).rowRange {
            for column in rect.intersection(bounds).columnRange {
                clearHalves(column: column, row: row)
                cells[row * size.columns + column] = .blank(style)
            }
        }
    }

    /// Draws a border inside the edge of a rectangle, the title in its upper line.
    ///
    /// Screens that have no line characters draw ASCII.
    public mutating func box(_ rect: CellRect, title: String? = nil, style: TextStyle = .standard) {
        guard rect.columns >= 2, rect.rows >= 2 else { return }
        let line = String(repeating: "─", count: rect.columns - 2)
        let (right, bottom) = (rect.column + rect.columns - 1, rect.row + rect.rows - 1)
        write("┌\(line)┐", at: rect.origin, style: style)
        write("└\(line)┘", at: CellPoint(column: rect.column, row: bottom), style: style)
        for row in rect.row + 1..<bottom {
            write("│", at: CellPoint(column: rect.column, row: row), style: style)
            write("│", at: CellPoint(column: right, row: row), style: style)
        }
        guard let title, rect.columns >= 6 else { return }
        let room = rect.columns - 4
        let text = SafeText(title).truncated(toCells: room - 2)
        write(" \(text) ", at: CellPoint(column: rect.column + 2, row: rect.row), style: style, width: room)
    }

    /// Puts a picture over the cells of its rectangle.
    public mutating func place(_ picture: FramePicture) {
        guard pictures.count < Int(Int16.max) else { return }
        let index = Int16(pictures.count)
        pictures.append(picture)
        let visible = picture.rect.intersection(bounds)
        for row in visible.rowRange {
            for column in visible.columnRange {
                clearHalves(column: column, row: row)
                let position = row * size.columns + column
                cells[position] = .blank(cells[position].style)
                cells[position].picture = index
            }
        }
    }

    /// Shows another version of a picture in its place.
    package mutating func replacePicture(at index: Int, with picture: FramePicture) {
        precondition(
            picture.id == pictures[index].id && picture.rect == pictures[index].rect,
            "Only a version of the same picture can take its place")
        pictures[index] = picture
    }

    /// The rows as text, `▒` where a picture is; for tests.
    public func text() -> [String] {
        (0..<size.rows).map { row in
            var line = String.UnicodeScalarView()
            for cell in self[row: row] where cell.width > 0 {
                line.append(cell.picture == nil ? cell.scalar : "▒")
                line.append(contentsOf: cell.marks)
            }
            return String(line)
        }
    }

    /// Whether two frames show the same characters in the same style in a row.
    package static func rowsAreEqual(_ first: Frame, _ second: Frame, row: Int) -> Bool {
        first[row: row] == second[row: row]
    }

    private mutating func set(
        _ scalar: Unicode.Scalar, width: Int, column: Int, row: Int, style: TextStyle
    ) {
        let position = row * size.columns + column
        for offset in 0..<width { clearHalves(column: column + offset, row: row) }
        cells[position] = Cell(
            scalar: scalar, marks: [], style: style, width: UInt8(width), picture: nil)
        if width == 2 {
            cells[position + 1] = Cell(scalar: " ", marks: [], style: style, width: 0, picture: nil)
        }
    }

    /// Marks that hide nothing and take no cell, so without joiners and variation selectors, whose width
    /// terminals do not agree on.
    private mutating func addMark(_ mark: Unicode.Scalar, before column: Int, row: Int) {
        let category = mark.properties.generalCategory
        guard [.nonspacingMark, .enclosingMark].contains(category), !mark.properties.isVariationSelector,
            (1...size.columns).contains(column)
        else { return }
        let position = row * size.columns + column - 1
        let base = cells[position].width == 0 && column > 1 ? position - 1 : position
        // ncurses keeps four behind a character (CCHARW_MAX = 5).
        if cells[base].marks.count < 4 { cells[base].marks.append(mark) }
    }

    /// A wide character of which one half is overwritten becomes blank.
    private mutating func clearHalves(column: Int, row: Int) {
        let position = row * size.columns + column
        if cells[position].width == 0, column > 0 {
            cells[position - 1] = .blank(cells[position - 1].style)
        } else if cells[position].width == 2, column + 1 < size.columns {
            cells[position + 1] = .blank(cells[position + 1].style)
        }
    }
}
