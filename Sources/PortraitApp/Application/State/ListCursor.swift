/// The selected entry of a list or grid.
package struct ListCursor: Sendable, Equatable {
    /// Counted from 0; always inside a list that is not empty.
    package private(set) var index = 0

    package init(_ index: Int = 0) { self.index = index }

    /// Moves, stopping at both ends.
    package mutating func move(by distance: Int, in count: Int) { move(to: index + distance, in: count) }
    package mutating func move(to target: Int, in count: Int) {
        index = min(max(0, target), max(0, count - 1))
    }
    /// Comes back into a list that became shorter.
    package mutating func clamp(to count: Int) { move(to: index, in: count) }

    /// The entries to show in so many rows, so that the selected one is among them, in the middle if possible.
    ///
    /// - Parameter columns: entries in a row.
    package func window(rows: Int, columns: Int = 1, in count: Int) -> Range<Int> {
        let rowCount = (count + columns - 1) / columns
        let first = min(max(0, index / columns - rows / 2), max(0, rowCount - rows))
        return first * columns..<min(count, (first + max(0, rows)) * columns)
    }
}
