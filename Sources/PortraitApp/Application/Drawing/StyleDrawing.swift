import Foundation
import Portraits
import TerminalKit

extension Canvas {
    mutating func drawChooser(in rect: CellRect, _ layout: Layout) {
        switch state.chooser {
        case .template: drawTemplate(in: rect, layout)
        case .pose: drawPose(in: rect)
        case .person: drawPerson(in: rect, layout)
        case .settings: drawSettings(in: rect, layout)
        case .style, .preview, .queue, .gallery: drawStyles(in: rect, layout)
        }
    }

    mutating func drawStyles(in rect: CellRect, _ layout: Layout) {
        let entries = state.styleEntries
        let query = state.browser.filter.text
        let isFiltering = state.isFiltering && state.focus == .style
        let title =
            isFiltering || !query.isEmpty
            ? "Style /\(query)" : state.browser.showsFavouritesOnly ? "Style ★" : "Style"
        _ = box(.style, in: rect, title: title, note: Phrases.count(entries.count, "entry", "entries"))
        if isFiltering { showTextCursor(behind: "1 Style /", in: rect, text: state.browser.filter) }
        let list = layout.list(of: .style)
        if entries.isEmpty {
            centered("Nothing fits; Esc clears the filter.", in: list, theme.faint)
        } else if state.browser.layout == .grid {
            drawStyleGrid(entries, in: list, layout)
        } else {
            drawStyleList(entries, in: list)
        }
        if layout.detailRows(of: .style) > 1 {
            drawStyleDetails(in: rect.inset(by: 1).splitRows(bottom: layout.detailRows(of: .style)).bottom)
        }
    }

    /// Puts the cursor into a filter that is typed in a border's title.
    mutating func showTextCursor(behind label: String, in rect: CellRect, text: TextBuffer) {
        let before = CellWidth.of(String(text.characters[..<text.cursor]))
        let column = rect.column + 3 + CellWidth.of(label) + before
        if column < rect.column + rect.columns - 1 { frame.cursor = CellPoint(column: column, row: rect.row) }
    }

    // MARK: List

    private mutating func drawStyleList(_ entries: [StyleBrowser.Entry], in rect: CellRect) {
        let cursor = state.browser.cursor
        for (row, index) in cursor.window(rows: rect.rows, in: entries.count).enumerated() {
            let line = rect.splitRows(top: row + 1).top.splitRows(bottom: 1).bottom
            drawStyleLine(entries[index], in: line, isSelected: index == cursor.index)
            target(line, .entry(.style, index))
        }
    }

    private mutating func drawStyleLine(_ entry: StyleBrowser.Entry, in line: CellRect, isSelected: Bool) {
        let usual = isFaint(entry) ? theme.faint : theme.text
        let style = entryStyle(isSelected: isSelected, pane: .style, otherwise: usual)
        if isSelected { frame.fill(line, style: style) }
        let markStyle = isSelected ? style : theme.accent
        write(state.isChosen(entry) ? "●" : " ", in: line, column: 1, markStyle)
        if isFavourite(entry) { write("★", in: line, column: 3, markStyle) }
        let used = write(Self.title(of: entry, in: state), in: line, column: 5, style)
        let note = note(of: entry)
        if used + CellWidth.of(note) + 8 <= line.columns {
            writeRight("\(note) ", in: line, isSelected ? style : theme.faint)
        }
    }

    static func title(of entry: StyleBrowser.Entry, in state: AppState) -> String {
        switch entry {
        case .plain: "No style"
        case .style(let style): style.title
        case .lora(let index): Phrases.fileName(state.choices.loras[index].file)
        }
    }

    private func note(of entry: StyleBrowser.Entry) -> String {
        switch entry {
        case .plain: "your words alone"
        case .style(let style): style.tags.prefix(2).map { "#\($0)" }.joined(separator: " ")
        case .lora(let index): "LoRA \(Phrases.weight(state.choices.loras[index].weight))"
        }
    }

    private func isFaint(_ entry: StyleBrowser.Entry) -> Bool {
        if case .style(let style) = entry { return state.obstacle(to: style) != nil }
        return false
    }

    private func isFavourite(_ entry: StyleBrowser.Entry) -> Bool {
        if case .style(let style) = entry { return state.browser.favourites.contains(style.name) }
        return false
    }

    // MARK: Grid

    private mutating func drawStyleGrid(_ entries: [StyleBrowser.Entry], in rect: CellRect, _ layout: Layout)
    {
        let columns = layout.styleGridColumns
        let rows = max(1, rect.rows / Layout.styleTile.rows)
        // The tiles share what room there is.
        let tile = CellSize(columns: rect.columns / columns, rows: rect.rows / rows)
        let window = state.browser.cursor.window(rows: rows, columns: columns, in: entries.count)
        for (position, index) in window.enumerated() {
            let place = CellRect(
                column: rect.column + position % columns * tile.columns,
                row: rect.row + position / columns * tile.rows, columns: tile.columns, rows: tile.rows
            ).intersection(rect)
            drawStyleTile(entries[index], in: place, isSelected: index == state.browser.cursor.index)
            target(place, .entry(.style, index))
        }
    }

    private mutating func drawStyleTile(_ entry: StyleBrowser.Entry, in rect: CellRect, isSelected: Bool) {
        let (area, label) = rect.splitRows(bottom: 1)
        drawThumbnail(of: entry, in: area.inset(columns: 1, rows: 0))
        let style = entryStyle(
            isSelected: isSelected, pane: .style, otherwise: isFaint(entry) ? theme.faint : theme.text)
        let line = label.inset(columns: 1, rows: 0)
        if isSelected { frame.fill(line, style: style) }
        let mark = state.isChosen(entry) ? "● " : isFavourite(entry) ? "★ " : ""
        let title = SafeText(mark + Self.title(of: entry, in: state)).truncated(toCells: line.columns)
        centered(title, in: line, row: 0, style)
    }

    /// The thumbnail, or the initials where there is none yet.
    private mutating func drawThumbnail(of entry: StyleBrowser.Entry, in rect: CellRect) {
        if case .style(let style) = entry, let file = state.browser.thumbnails[style.name] {
            picture(.file(file, side: 192), in: rect)
            return
        }
        frame.box(rect, style: theme.border)
        let words = Self.title(of: entry, in: state).split(separator: " ")
        let initials = words.prefix(2).compactMap(\.first).map { $0.uppercased() }.joined()
        centered(initials, in: rect, isFaint(entry) ? theme.faint : theme.label)
    }

    // MARK: Details

    private mutating func drawStyleDetails(in rect: CellRect) {
        guard let entry = state.selectedStyleEntry else { return }
        drawRule(in: rect)
        var area = rect.splitRows(top: 1).bottom.inset(columns: 1, rows: 0)
        if case .style(let style) = entry, let file = state.browser.thumbnails[style.name], area.rows >= 5,
            area.columns > 30
        {
            let (left, right) = area.splitColumns(left: area.rows * 2 + 1)
            picture(.file(file, side: 256), in: left.splitColumns(right: 1).left)
            area = right
        }
        write(Self.title(of: entry, in: state), in: area, theme.label)
        drawFacts(of: entry, in: area.splitRows(top: 1).bottom)
    }

    private mutating func drawFacts(of entry: StyleBrowser.Entry, in rect: CellRect) {
        var row = 0
        if let weight = state.selectedWeight { row += drawWeight("LoRA", weight, in: rect, row: row) }
        switch entry {
        case .plain:
            writeWrapped(
                "The prompt is what you write in Settings, and nothing else.", in: rect, row: row, theme.text)
        case .lora(let index):
            let path = state.facts.folders.shortened(state.choices.loras[index].file)
            writeWrapped(
                "\(path). Merged into the model beside the style's own LoRA.", in: rect, row: row, theme.text)
        case .style(let style):
            if let obstacle = state.obstacle(to: style) {
                row += writeWrapped(sentence(obstacle), in: rect, row: row, theme.warning)
            }
            writeWrapped(style.prompt, in: rect, row: row, theme.text)
        }
    }

    private func sentence(_ obstacle: StyleObstacle) -> String {
        switch obstacle {
        case .otherModel(let family):
            family == "stable-diffusion-v1"
                ? "Written for Stable Diffusion 1.5: choose such a model in Settings."
                : "Written for \(AppState.readable(family: family))."
        case .missingLoRA(let file):
            "Its LoRA is missing: put \(file) into \(state.facts.folders.shortened(state.facts.folders.data.path))/loras."
        }
    }

    /// A slider with its number.
    ///
    /// - Returns: the rows used.
    mutating func drawWeight(
        _ label: String, _ weight: Float, of maximum: Double = 2, in rect: CellRect, row: Int
    ) -> Int {
        let used = write("\(label) ", in: rect, row: row, theme.faint)
        let width = min(20, max(0, rect.columns - used - 6))
        bar(Double(weight) / maximum, in: rect, row: row, column: used, width: width)
        write(Phrases.weight(weight), in: rect, row: row, column: used + width + 1, theme.accent)
        return 1
    }

    /// A thin line across a pane.
    mutating func drawRule(in rect: CellRect) {
        write(String(repeating: "─", count: rect.columns), in: rect, theme.border)
    }
}
