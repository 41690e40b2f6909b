import TerminalKit

/// The screen as a function of the state, with what the loop around it needs to know.
package struct Drawing: Sendable {
    package let frame: Frame
    /// The pictures that are seen, whether they are ready or not.
    package let wanted: [PictureKey]
    private let targets: [(rect: CellRect, target: MouseTarget)]

    init(frame: Frame, wanted: [PictureKey], targets: [(rect: CellRect, target: MouseTarget)]) {
        self.frame = frame
        self.wanted = wanted
        self.targets = targets
    }

    /// What lies under a cell; what was drawn last lies on top.
    package func target(at point: CellPoint) -> MouseTarget? {
        targets.last { $0.rect.contains(point) }?.target
    }
}

/// Draws the whole screen.
package func draw(_ state: AppState, theme: Theme) -> Drawing {
    var canvas = Canvas(state: state, theme: theme)
    let layout = Layout(state)
    guard !layout.isTooSmall else {
        canvas.drawTooSmall(layout)
        return canvas.drawing
    }
    canvas.drawHeader(in: layout.header)
    if let rect = layout.chooser { canvas.drawChooser(in: rect, layout) }
    if let rect = layout.preview { canvas.drawPreview(in: rect) }
    if let rect = layout.queue { canvas.drawQueue(in: rect) }
    if let rect = layout.gallery { canvas.drawGallery(in: rect, layout) }
    canvas.drawFooter(in: layout.footer)
    for (index, overlay) in state.overlays.enumerated() {
        canvas.draw(overlay, layout, isInnermost: index == state.overlays.count - 1)
    }
    return canvas.drawing
}

/// The frame being drawn, with the theme and the state at hand.
struct Canvas {
    let state: AppState
    let theme: Theme
    var frame: Frame
    private var wanted: [PictureKey] = []
    private var targets: [(rect: CellRect, target: MouseTarget)] = []

    init(state: AppState, theme: Theme) {
        self.state = state
        self.theme = theme
        frame = Frame(size: state.size)
        frame.fill(frame.bounds, style: theme.text)
    }

    var drawing: Drawing { Drawing(frame: frame, wanted: wanted, targets: targets) }

    // MARK: Text

    /// Writes one line, cut with … where it does not fit.
    ///
    /// - Returns: the cells used.
    @discardableResult mutating func write(
        _ text: String, at point: CellPoint, _ style: TextStyle, width: Int
    ) -> Int {
        guard width > 0 else { return 0 }
        return frame.write(SafeText(text).truncated(toCells: width), at: point, style: style, width: width)
    }

    /// Writes one line into a row of a rectangle; nothing if the row lies outside.
    @discardableResult mutating func write(
        _ text: String, in rect: CellRect, row: Int = 0, column: Int = 0, _ style: TextStyle
    ) -> Int {
        guard (0..<rect.rows).contains(row) else { return 0 }
        return write(
            text, at: CellPoint(column: rect.column + column, row: rect.row + row), style,
            width: rect.columns - column)
    }

    /// Writes at the right end of a row.
    ///
    /// - Returns: the cells used.
    @discardableResult mutating func writeRight(
        _ text: String, in rect: CellRect, row: Int = 0, _ style: TextStyle
    ) -> Int {
        let width = CellWidth.of(text)
        guard width <= rect.columns else { return 0 }
        return write(text, in: rect, row: row, column: rect.columns - width, style)
    }

    /// Writes pieces of different looks one behind the other.
    @discardableResult mutating func write(
        _ pieces: [(String, TextStyle)], in rect: CellRect, row: Int = 0, column: Int = 0
    ) -> Int {
        var used = column
        for (text, style) in pieces { used += write(text, in: rect, row: row, column: used, style) }
        return used
    }

    /// Writes a text over several lines.
    ///
    /// - Returns: the rows used.
    @discardableResult mutating func writeWrapped(
        _ text: String, in rect: CellRect, row: Int = 0, _ style: TextStyle
    ) -> Int {
        let lines = WrappedText(text, width: rect.columns).texts
        let room = max(0, rect.rows - row)
        for (index, line) in lines.prefix(room).enumerated() {
            let isCut = index == room - 1 && lines.count > room
            write(isCut ? line + "…" : line, in: rect, row: row + index, style)
        }
        return min(lines.count, room)
    }

    // MARK: Boxes

    /// The border of a pane, with its number and title, clickable.
    ///
    /// - Returns: the area inside.
    mutating func box(_ pane: Pane, in rect: CellRect, title: String? = nil, note: String = "") -> CellRect {
        let hasFocus = state.focus == pane && state.overlay == nil
        let style = hasFocus ? theme.focus : theme.border
        frame.box(rect, title: "\(pane.rawValue) \(title ?? pane.title)", style: style)
        if !note.isEmpty, CellWidth.of(note) + 6 <= rect.columns {
            let column = rect.column + rect.columns - CellWidth.of(note) - 4
            frame.write(
                " \(note) ", at: CellPoint(column: column, row: rect.row + rect.rows - 1), style: style)
        }
        target(rect, .pane(pane))
        return rect.inset(by: 1)
    }

    /// A window over everything else.
    ///
    /// - Returns: the area inside, with a blank column on both sides.
    mutating func window(_ rect: CellRect, title: String) -> CellRect {
        frame.fill(rect, style: theme.text)
        frame.box(rect, title: title, style: theme.focus)
        target(frame.bounds, .overlay)
        return rect.inset(columns: 2, rows: 1)
    }

    // MARK: Pictures and the mouse

    /// Shows a picture as soon as it is ready.
    mutating func picture(_ key: PictureKey, in rect: CellRect) {
        guard rect.columns > 0, rect.rows > 0 else { return }
        wanted.append(key)
        if let entry = state.pictures[key] {
            frame.place(FramePicture(id: key.name, version: entry.version, image: entry.image, rect: rect))
        } else if let problem = state.pictures.failures[key] {
            let middle = rect.splitRows(top: rect.rows / 2).bottom
            writeWrapped(problem, in: middle, theme.failure)
        } else {
            centered("…", in: rect, theme.faint)
        }
    }

    mutating func centered(_ text: String, in rect: CellRect, row: Int? = nil, _ style: TextStyle) {
        let width = min(CellWidth.of(text), rect.columns)
        write(text, in: rect, row: row ?? (rect.rows - 1) / 2, column: (rect.columns - width) / 2, style)
    }

    mutating func target(_ rect: CellRect, _ target: MouseTarget) { targets.append((rect, target)) }

    // MARK: Small parts

    /// A bar of which a fraction is filled.
    mutating func bar(_ fraction: Double, in rect: CellRect, row: Int = 0, column: Int = 0, width: Int) {
        let filled = Int((min(max(fraction, 0), 1) * Double(width)).rounded())
        write(
            [
                (String(repeating: "━", count: filled), theme.bar),
                (String(repeating: "─", count: width - filled), theme.barRest),
            ],
            in: rect, row: row, column: column)
    }

    /// The look of a list's entry.
    func entryStyle(isSelected: Bool, pane: Pane?, otherwise style: TextStyle) -> TextStyle {
        guard isSelected else { return style }
        let hasFocus = pane.map { state.focus == $0 && state.overlay == nil } ?? true
        return hasFocus ? theme.selection : theme.quietSelection
    }
}
