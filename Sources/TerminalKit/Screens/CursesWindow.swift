import CNcurses
import CTerminal
import Glibc

/// Characters on a terminal, by ncurses, which sends only what has changed.
///
/// ncurses has global variables, so there is one at a time, on the main thread.
final class CursesWindow {
    private let handle: OpaquePointer
    private let output: UnsafeMutablePointer<FILE>
    private let input: UnsafeMutablePointer<FILE>
    private let isUnicode: Bool
    private let colors: TerminalCapabilities.ColorDepth
    private let colorCount: Int

    /// A character that looks blank, but which ncurses does not erase with others: under pictures.
    private let filler: (scalar: Unicode.Scalar, attributes: attr_t)

    /// What takes the terminal back to its main screen, for those who cannot call `leave`.
    let leavingSequence: String

    /// Starts ncurses; nil if it does not know the terminal.
    init?(
        device: TerminalDevice, description: TerminalDescription, isUnicode: Bool,
        colors: TerminalCapabilities.ColorDepth
    ) {
        // ncurses does not know how to wait, so it gets a description of its own, which may block.
        let descriptor = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard let output = fdopen(descriptor, "w") else {
            close(descriptor)
            return nil
        }
        guard let input = fdopen(dup(descriptor), "r") else {
            fclose(output)
            return nil
        }
        let previous = getenv("TERMINFO").map { String(cString: $0) }
        if let entry = description.withoutScrolling() { setenv("TERMINFO", entry, 1) }
        let handle = newterm(description.name, output, input)
        if let previous { setenv("TERMINFO", previous, 1) } else { unsetenv("TERMINFO") }
        guard let handle else {
            fclose(output)
            fclose(input)
            return nil
        }
        self.handle = handle
        self.output = output
        self.input = input
        self.isUnicode = isUnicode
        self.colors = colors
        leavingSequence = Self.capability("rmcup") ?? "\u{1B}[?1049l"
        filler = isUnicode ? ("\u{A0}", 0) : (".", facechain_invisible)
        let hasColors = colors > .monochrome && has_colors() && start_color() == OK
        if hasColors { use_default_colors() }
        colorCount = hasColors ? Int(facechain_color_count()) : 0
        raw()
        noecho()
        nonl()
        let window = facechain_screen_window()
        scrollok(window, false)
        idlok(window, false)
        idcok(window, false)
        let size = device.windowSize.cells
        resize(to: size)
        // Now, so that the alternate screen is there before anything is drawn.
        clearok(facechain_current_window(), true)
        refresh()
    }

    /// Takes a new size; everything is drawn again.
    func resize(to size: CellSize) {
        resizeterm(Int32(size.rows), Int32(size.columns))
        erase()
        clearok(facechain_current_window(), true)
    }

    /// Everything is drawn again.
    func invalidate() {
        clearok(facechain_current_window(), true)
    }

    /// Puts cells in a row; `isHole` says which are covered by pictures.
    func put(_ cells: ArraySlice<Frame.Cell>, isHole: ArraySlice<Bool>, row: Int, columns: Int) {
        for column in 0..<columns {
            guard column < cells.count else {
                put(" ", [], .standard, row: row, column: column)
                continue
            }
            let cell = cells[cells.startIndex + column]
            if isHole[isHole.startIndex + column] {
                var text: [wchar_t] = [wchar_t(filler.scalar.value), 0]
                facechain_put(Int32(row), Int32(column), &text, filler.attributes, 0)
            } else if cell.width == 2 && column + 1 >= columns {
                put(" ", [], cell.style, row: row, column: column)
            } else if cell.width > 0 {
                put(cell, row: row, column: column)
            }
        }
    }

    /// Sends what has changed, and puts the cursor in its place.
    func update(cursor: CellPoint?) {
        if let cursor {
            wmove(facechain_screen_window(), Int32(cursor.row), Int32(cursor.column))
        }
        leaveok(facechain_screen_window(), cursor == nil)
        curs_set(cursor == nil ? 0 : 1)
        refresh()
    }

    /// Leaves the alternate screen; `update` comes back to it.
    func leave() {
        endwin()
    }

    /// Ends ncurses; the alternate screen has to be left before.
    func end() {
        delscreen(handle)
        fclose(output)
        fclose(input)
    }

    /// A string of the terminal's description, unless it asks for pauses, which we would have to make.
    private static func capability(_ name: String) -> String? {
        // -1 for a name that is no string's.
        guard let text = tigetstr(name), Int(bitPattern: text) != -1 else { return nil }
        let sequence = String(cString: text)
        return sequence.contains("$<") ? nil : sequence
    }

    private func put(_ cell: Frame.Cell, row: Int, column: Int) {
        let isAgreed =
            cell.scalar.isASCII
            || isUnicode && Int(cell.width) == Int(facechain_terminal_cell_width(cell.scalar.value))
        if isAgreed {
            put(cell.scalar, isUnicode ? cell.marks : [], cell.style, row: row, column: column)
            return
        }
        // ncurses goes by the C library's widths; a character on which they differ would shift the rest.
        let substitute = isUnicode ? "?" : ASCIISubstitute.of(cell.scalar)
        put(substitute, [], cell.style, row: row, column: column)
        if cell.width == 2 { put(" ", [], cell.style, row: row, column: column + 1) }
    }

    private func put(
        _ scalar: Unicode.Scalar, _ marks: [Unicode.Scalar], _ style: TextStyle, row: Int, column: Int
    ) {
        var text = ([scalar] + marks).map { wchar_t($0.value) } + [0]
        let (attributes, pair) = attributes(of: style)
        facechain_put(Int32(row), Int32(column), &text, attributes, pair)
    }

    private func attributes(of style: TextStyle) -> (attr_t, Int32) {
        var attributes: attr_t = 0
        if style.isBold { attributes |= facechain_bold }
        if style.isDim { attributes |= facechain_dim }
        if style.isItalic { attributes |= facechain_italic }
        if style.isUnderlined { attributes |= facechain_underline }
        guard colorCount >= 8 else {
            // Without colours, a background of its own still has to stand out.
            if style.isReversed != (style.background != .standard) { attributes |= facechain_reverse }
            return (attributes, 0)
        }
        if style.isReversed { attributes |= facechain_reverse }
        var foreground = index(of: style.foreground)
        var background = index(of: style.background)
        if colorCount < 16 {
            // Bold black would be black on most of them, and so invisible.
            if foreground == 8 {
                attributes |= facechain_dim
                foreground = -1
            } else if foreground > 8 {
                attributes |= facechain_bold
                foreground -= 8
            }
            if background >= 8 { background -= 8 }
        }
        if foreground < 0 && background < 0 { return (attributes, 0) }
        return (attributes, max(0, alloc_pair(Int32(foreground), Int32(background))))
    }

    /// ncurses' number of a colour; -1 for the terminal's own.
    private func index(of color: TerminalColor) -> Int {
        switch color {
        case .standard: -1
        case .palette(let index): Int(index % 16)
        case .rgb(let red, let green, let blue):
            colorCount >= 256
                ? Palette.nearest256(red: red, green: green, blue: blue)
                : Palette.nearest16(red: red, green: green, blue: blue)
        }
    }
}
