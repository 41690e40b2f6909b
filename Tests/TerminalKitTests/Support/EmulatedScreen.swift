import TerminalKit

/// A terminal as far as our programs use one: characters, a cursor, modes, sixel pictures, questions.
///
/// Like xterm it draws pictures into cells, and whatever is written or erased there takes the pixels away.
struct EmulatedScreen {
    struct Cell: Equatable {
        var text = " "
        /// The right half of a wide character.
        var isContinuation = false
        /// Which of `pictures` has pixels here.
        var picture: Int?
    }

    struct Picture {
        let place: CellPoint
        let bytes: [UInt8]
    }

    private(set) var size: CellSize
    private(set) var cells: [[Cell]]
    private(set) var cursor = CellPoint(column: 0, row: 0)
    private(set) var pictures: [Picture] = []
    /// Private modes that are set; 25 and 7 are at the beginning.
    private(set) var modes: Set<Int> = [7, 25]
    private(set) var title = "before"
    private(set) var titleDepth = 0
    /// Operating system commands other than titles.
    private(set) var commands: [String] = []
    /// Application program commands, kitty's pictures among them.
    private(set) var applicationCommands: [[UInt8]] = []
    /// Questions asked and not yet taken.
    private(set) var questions: [String] = []
    /// What no program of ours should do, such as scrolling a picture.
    private(set) var complaints: [String] = []
    private(set) var bellCount = 0
    /// Times a program cleared the whole screen.
    private(set) var clearCount = 0

    private var saved: CellPoint?
    private var mainCells: [[Cell]]?
    private var pending: [UInt8] = []
    private var lastText = " "
    private let cellPixels = (width: 10, height: 20)

    init(size: CellSize) {
        self.size = size
        cells = Self.blank(size)
    }

    var isAlternate: Bool { mainCells != nil }

    /// The characters, without blanks at the ends.
    var text: [String] {
        cells.map { row in
            var line = row.filter { !$0.isContinuation }.map(\.text).joined()
            while line.last == " " || line.last == "\u{A0}" { line.removeLast() }
            return line
        }
    }

    /// The cells that show pixels of a picture, of whichever.
    var pictureCells: Set<CellPoint> {
        var result: Set<CellPoint> = []
        for (row, line) in cells.enumerated() {
            for (column, cell) in line.enumerated() where cell.picture != nil {
                result.insert(CellPoint(column: column, row: row))
            }
        }
        return result
    }

    func contains(_ part: String) -> Bool { text.contains { $0.contains(part) } }

    mutating func resize(_ newSize: CellSize) {
        size = newSize
        cells = Self.blank(newSize)
        if mainCells != nil { mainCells = Self.blank(newSize) }
        cursor = CellPoint(
            column: min(cursor.column, newSize.columns - 1), row: min(cursor.row, newSize.rows - 1))
    }

    mutating func takeQuestions() -> [String] {
        defer { questions = [] }
        return questions
    }

    mutating func feed(_ bytes: [UInt8]) {
        pending += bytes
        var start = 0
        while start < pending.count, let length = takeOne(pending[start...]) { start += length }
        pending.removeFirst(start)
    }

    /// Interprets the first character or sequence; nil if it is incomplete.
    private mutating func takeOne(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        if first == 0x1B { return takeEscape(bytes) }
        if first < 0x20 || first == 0x7F {
            control(first)
            return 1
        }
        let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard bytes.count >= length else { return nil }
        for scalar in String(decoding: bytes.prefix(length), as: UTF8.self).unicodeScalars { write(scalar) }
        return length
    }

    private mutating func takeEscape(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 2 else { return nil }
        let second = bytes[bytes.startIndex + 1]
        switch second {
        case UInt8(ascii: "["):
            let body = bytes.dropFirst(2).prefix { (0x20...0x3F).contains($0) }
            guard body.endIndex < bytes.endIndex else { return nil }
            sequence(String(decoding: body, as: UTF8.self), Character(UnicodeScalar(bytes[body.endIndex])))
            return body.count + 3
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"):
            var index = bytes.startIndex + 2
            while index < bytes.endIndex {
                if bytes[index] == 0x07 && second != UInt8(ascii: "P") { break }
                if bytes[index] == 0x1B { break }
                index += 1
            }
            guard index < bytes.endIndex, bytes[index] == 0x07 || index + 1 < bytes.endIndex else {
                return nil
            }
            string(second, Array(bytes[bytes.startIndex + 2..<index]))
            return index - bytes.startIndex + (bytes[index] == 0x07 ? 1 : 2)
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            return bytes.count >= 3 ? 3 : nil
        case UInt8(ascii: "7"): saved = cursor
        case UInt8(ascii: "8"): cursor = saved ?? CellPoint(column: 0, row: 0)
        case UInt8(ascii: "M"): scroll("reverse index")
        case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "\\"): break
        default: complaints.append("ESC \(second)")
        }
        return 2
    }

    private mutating func control(_ byte: UInt8) {
        switch byte {
        case 0x07: bellCount += 1
        case 0x08: cursor.column = max(0, cursor.column - 1)
        case 0x09: cursor.column = min((cursor.column / 8 + 1) * 8, size.columns - 1)
        case 0x0A:
            if cursor.row + 1 < size.rows { cursor.row += 1 } else { scroll("line feed") }
        case 0x0D: cursor.column = 0
        case 0x0E, 0x0F: break
        default: complaints.append("control \(byte)")
        }
    }

    private mutating func scroll(_ why: String) {
        if cells.contains(where: { $0.contains { $0.picture != nil } }) {
            complaints.append("a picture was scrolled by \(why)")
        }
        cells.removeFirst()
        cells.append(Array(repeating: Cell(), count: size.columns))
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        let width = CellWidth.of(scalar)
        if width == 0 && scalar != "\u{A0}" {
            let column = max(0, cursor.column - 1)
            cells[cursor.row][column].text.unicodeScalars.append(scalar)
            return
        }
        if cursor.column + width > size.columns {
            cursor.column = 0
            control(0x0A)
        }
        let column = cursor.column
        if cells[cursor.row][column].isContinuation, column > 0 { cells[cursor.row][column - 1] = Cell() }
        cells[cursor.row][column] = Cell(text: String(scalar))
        if width == 2 { cells[cursor.row][column + 1] = Cell(text: "", isContinuation: true) }
        if column + width < size.columns, cells[cursor.row][column + width].isContinuation {
            cells[cursor.row][column + width] = Cell()
        }
        cursor.column = column + width
        lastText = String(scalar)
    }

    private mutating func sequence(_ body: String, _ final: Character) {
        let isPrivate = body.hasPrefix("?") || body.hasPrefix(">") || body.hasPrefix("<")
        let numbers = body.drop { !$0.isNumber && $0 != ";" }
            .split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let first = max(1, numbers.first ?? 1)
        cursor.column = min(cursor.column, size.columns - 1)
        switch (final, isPrivate) {
        case ("h", true): numbers.forEach { setMode($0, true) }
        case ("l", true): numbers.forEach { setMode($0, false) }
        case ("h", false), ("l", false), ("m", false), ("r", false): break
        case ("c", _), ("q", true), ("S", true), ("n", _), ("p", true): questions.append(body + String(final))
        case ("t", _):
            switch numbers.first {
            case 22: titleDepth += 1
            case 23: titleDepth -= 1
            default: questions.append(body + String(final))
            }
        case ("H", _), ("f", _):
            move(row: first - 1, column: max(1, numbers.dropFirst().first ?? 1) - 1)
        case ("A", _): move(row: cursor.row - first, column: cursor.column)
        case ("B", _): move(row: cursor.row + first, column: cursor.column)
        case ("C", _): move(row: cursor.row, column: cursor.column + first)
        case ("D", _): move(row: cursor.row, column: cursor.column - first)
        case ("G", _): move(row: cursor.row, column: first - 1)
        case ("d", _): move(row: first - 1, column: cursor.column)
        case ("J", _): eraseScreen(numbers.first ?? 0)
        case ("K", _): eraseLine(numbers.first ?? 0)
        case ("X", _):
            for column in cursor.column..<min(cursor.column + first, size.columns) {
                cells[cursor.row][column] = Cell()
            }
        case ("b", _): for _ in 0..<first { lastText.unicodeScalars.forEach { write($0) } }
        case ("@", _), ("P", _):
            let tail = cells[cursor.row][cursor.column...]
            if tail.contains(where: { $0.picture != nil }) { complaints.append("a picture was shifted") }
            let blanks = Array(repeating: Cell(), count: min(first, tail.count))
            let shifted =
                final == "@" ? blanks + tail.dropLast(blanks.count) : tail.dropFirst(blanks.count) + blanks
            cells[cursor.row].replaceSubrange(cursor.column..., with: shifted)
        case ("L", _), ("M", _), ("S", _), ("T", _): scroll("CSI \(body)\(final)")
        default: complaints.append("CSI \(body)\(final)")
        }
    }

    private mutating func move(row: Int, column: Int) {
        cursor = CellPoint(
            column: min(max(0, column), size.columns - 1), row: min(max(0, row), size.rows - 1))
    }

    private mutating func eraseLine(_ kind: Int) {
        let range =
            kind == 0 ? cursor.column..<size.columns : kind == 1 ? 0..<cursor.column + 1 : 0..<size.columns
        for column in range { cells[cursor.row][column] = Cell() }
    }

    private mutating func eraseScreen(_ kind: Int) {
        if kind == 2 { clearCount += 1 }
        let rows = kind == 0 ? cursor.row + 1..<size.rows : kind == 1 ? 0..<cursor.row : 0..<size.rows
        for row in rows { cells[row] = Array(repeating: Cell(), count: size.columns) }
        if kind != 2 { eraseLine(kind) }
    }

    private mutating func setMode(_ mode: Int, _ isOn: Bool) {
        if mode == 1049 {
            if isOn, mainCells == nil {
                mainCells = cells
                cells = Self.blank(size)
            } else if !isOn, let main = mainCells {
                cells = main
                mainCells = nil
            }
        } else if isOn {
            modes.insert(mode)
        } else {
            modes.remove(mode)
        }
    }

    private mutating func string(_ kind: UInt8, _ body: [UInt8]) {
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        switch kind {
        case UInt8(ascii: "P"):
            draw(body)
        case UInt8(ascii: "_"):
            applicationCommands.append(body)
            if text.hasPrefix("Gi=31") { questions.append("kitty") }
        default:
            if text.hasPrefix("2;") || text.hasPrefix("0;") {
                title = String(text.dropFirst(2))
            } else if text == "11;?" {
                questions.append("OSC 11")
            } else {
                commands.append(text)
            }
        }
    }

    /// A sixel picture whose raster attributes tell its size.
    private mutating func draw(_ body: [UInt8]) {
        let header = String(decoding: body.prefix(60), as: UTF8.self)
        let parts = header.split(separator: "\"")
        let numbers =
            parts.count > 1
            ? parts[1].prefix { $0.isNumber || $0 == ";" }.split(separator: ";").compactMap { Int($0) } : []
        guard header.hasPrefix("0;1;0q"), numbers.count == 4 else {
            complaints.append("DCS \(header)")
            return
        }
        let rows = (numbers[3] + cellPixels.height - 1) / cellPixels.height
        let columns = (numbers[2] + cellPixels.width - 1) / cellPixels.width
        if cursor.row + rows >= size.rows { complaints.append("a picture scrolled the screen") }
        if cursor.column + columns > size.columns { complaints.append("a picture was cut off") }
        if modes.contains(25) { complaints.append("the cursor was drawn over a picture") }
        let bytes = Array("\u{1B}P".utf8) + body + Array("\u{1B}\\".utf8)
        pictures.append(Picture(place: cursor, bytes: bytes))
        for row in cursor.row..<min(cursor.row + rows, size.rows) {
            for column in cursor.column..<min(cursor.column + columns, size.columns) {
                cells[row][column].picture = pictures.count - 1
            }
        }
        cursor = CellPoint(column: 0, row: min(cursor.row + rows, size.rows - 1))
    }

    private static func blank(_ size: CellSize) -> [[Cell]] {
        Array(repeating: Array(repeating: Cell(), count: size.columns), count: size.rows)
    }
}
