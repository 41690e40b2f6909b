import TerminalKit

/// Text broken into lines of a width, at blanks where there are any, with the place of every character kept.
package struct WrappedText: Sendable, Equatable {
    /// The characters of each line, as ranges of the whole text; line feeds belong to no line.
    package let lines: [Range<Int>]
    private let characters: [Character]

    /// - Parameter width: cells of a line, at least 1.
    package init(_ characters: [Character], width: Int) {
        self.characters = characters
        var lines: [Range<Int>] = []
        var start = 0
        for end in characters.indices + [characters.count]
        where end == characters.count || characters[end].isNewline {
            lines += Self.broken(start..<end, of: characters, width: max(1, width))
            start = end + 1
        }
        self.lines = lines
    }

    package init(_ text: String, width: Int) { self.init(Array(text), width: width) }

    /// The text of a line.
    package subscript(line: Int) -> String { String(characters[lines[line]]) }

    /// All lines.
    package var texts: [String] { lines.indices.map { self[$0] } }

    /// Where a character stands: its line, and the cells before it.
    package func place(of position: Int) -> (line: Int, column: Int) {
        let line = lines.lastIndex { $0.lowerBound <= position } ?? 0
        guard lines.indices.contains(line) else { return (0, 0) }
        let before = characters[lines[line].lowerBound..<min(position, lines[line].upperBound)]
        return (line, CellWidth.of(String(before)))
    }

    /// The character nearest to a place.
    package func position(line: Int, column: Int) -> Int {
        let range = lines[min(max(0, line), lines.count - 1)]
        var cells = 0
        for position in range {
            cells += CellWidth.of(String(characters[position]))
            if cells > column { return position }
        }
        return range.upperBound
    }

    private static func broken(
        _ paragraph: Range<Int>, of characters: [Character], width: Int
    ) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = paragraph.lowerBound
        var (cells, lastBlank) = (0, nil as Int?)
        var position = start
        while position < paragraph.upperBound {
            cells += CellWidth.of(String(characters[position]))
            if cells > width, position > start {
                let end = lastBlank.map { $0 + 1 } ?? position
                lines.append(start..<end)
                (start, position, cells, lastBlank) = (end, end, 0, nil)
                continue
            }
            if characters[position] == " " { lastBlank = position }
            position += 1
        }
        return lines + [start..<paragraph.upperBound]
    }
}
