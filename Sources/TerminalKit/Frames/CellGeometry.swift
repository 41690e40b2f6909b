/// A character cell: columns count to the right, rows downwards, both from 0.
public struct CellPoint: Sendable, Hashable {
    /// Cells from the left edge.
    public var column: Int
    /// Cells from the upper edge.
    public var row: Int

    /// Makes a point.
    public init(column: Int, row: Int) {
        self.column = column
        self.row = row
    }
}

/// Width and height in character cells; never negative.
public struct CellSize: Sendable, Hashable {
    /// Cells in a row.
    public let columns: Int
    /// Rows.
    public let rows: Int

    /// Makes a size; negative numbers count as 0.
    public init(columns: Int, rows: Int) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }
}

/// A rectangle of character cells.
public struct CellRect: Sendable, Hashable {
    /// The leftmost column.
    public let column: Int
    /// The uppermost row.
    public let row: Int
    /// Its size.
    public let size: CellSize

    /// Makes a rectangle; negative sizes count as 0.
    public init(column: Int, row: Int, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        size = CellSize(columns: columns, rows: rows)
    }

    /// The rectangle of a whole screen.
    public init(_ size: CellSize) {
        self.init(column: 0, row: 0, columns: size.columns, rows: size.rows)
    }

    /// Cells in a row.
    public var columns: Int { size.columns }
    /// Rows.
    public var rows: Int { size.rows }
    /// The upper left cell.
    public var origin: CellPoint { CellPoint(column: column, row: row) }
    /// The columns it covers.
    public var columnRange: Range<Int> { column..<column + columns }
    /// The rows it covers.
    public var rowRange: Range<Int> { row..<row + rows }
    /// Whether there is no cell in it.
    public var isEmpty: Bool { columns == 0 || rows == 0 }

    /// Whether a cell lies in it.
    public func contains(_ point: CellPoint) -> Bool {
        columnRange.contains(point.column) && rowRange.contains(point.row)
    }

    /// Whether all of another rectangle lies in it.
    public func contains(_ other: CellRect) -> Bool { intersection(other) == other }

    /// The cells of both; empty, at this rectangle's origin, where there are none.
    public func intersection(_ other: CellRect) -> CellRect {
        let columns = columnRange.clamped(to: other.columnRange)
        let rows = rowRange.clamped(to: other.rowRange)
        guard !columns.isEmpty, !rows.isEmpty else {
            return CellRect(column: column, row: row, columns: 0, rows: 0)
        }
        return CellRect(
            column: columns.lowerBound, row: rows.lowerBound, columns: columns.count, rows: rows.count)
    }

    /// The rectangle without a border of so many cells on each side.
    public func inset(by cells: Int) -> CellRect { inset(columns: cells, rows: cells) }

    /// The rectangle without so many columns left and right and rows above and below.
    public func inset(columns: Int, rows: Int) -> CellRect {
        CellRect(
            column: column + columns, row: row + rows, columns: self.columns - 2 * columns,
            rows: self.rows - 2 * rows)
    }

    /// The left `count` columns (all if there are fewer), and the rest.
    public func splitColumns(left count: Int) -> (left: CellRect, right: CellRect) {
        let count = min(max(0, count), columns)
        return (
            CellRect(column: column, row: row, columns: count, rows: rows),
            CellRect(column: column + count, row: row, columns: columns - count, rows: rows)
        )
    }

    /// The right `count` columns (all if there are fewer), and the rest.
    public func splitColumns(right count: Int) -> (left: CellRect, right: CellRect) {
        splitColumns(left: columns - min(max(0, count), columns))
    }

    /// The upper `count` rows (all if there are fewer), and the rest.
    public func splitRows(top count: Int) -> (top: CellRect, bottom: CellRect) {
        let count = min(max(0, count), rows)
        return (
            CellRect(column: column, row: row, columns: columns, rows: count),
            CellRect(column: column, row: row + count, columns: columns, rows: rows - count)
        )
    }

    /// The lower `count` rows (all if there are fewer), and the rest.
    public func splitRows(bottom count: Int) -> (top: CellRect, bottom: CellRect) {
        splitRows(top: rows - min(max(0, count), rows))
    }

    /// A rectangle of this size, smaller if it does not fit, in the middle.
    public func centered(_ size: CellSize) -> CellRect {
        let (width, height) = (min(size.columns, columns), min(size.rows, rows))
        return CellRect(
            column: column + (columns - width) / 2, row: row + (rows - height) / 2, columns: width,
            rows: height)
    }
}
