import TerminalKit

extension Canvas {
    mutating func drawSettings(in rect: CellRect, _ layout: Layout) {
        let inner = box(.settings, in: rect)
        let list = layout.list(of: .settings)
        let rows = SettingsRow.allCases
        let cursor = state.settings.cursor
        for (line, index) in cursor.window(rows: list.rows, in: rows.count).enumerated() {
            let place = list.splitRows(top: line + 1).top.splitRows(bottom: 1).bottom
            drawSetting(rows[index], in: place, isSelected: index == cursor.index)
            target(place, .entry(.settings, index))
        }
        let detailRows = layout.detailRows(of: .settings)
        guard detailRows > 0 else { return }
        let details = inner.splitRows(bottom: detailRows).bottom
        if detailRows > 1 { drawRule(in: details) }
        let text = details.splitRows(top: detailRows > 1 ? 1 : 0).bottom.inset(columns: 1, rows: 0)
        writeWrapped(state.settings.row.explanation, in: text, theme.faint)
    }

    private mutating func drawSetting(_ row: SettingsRow, in line: CellRect, isSelected: Bool) {
        let (text, isDefault) = state.value(of: row)
        let style = entryStyle(isSelected: isSelected, pane: .settings, otherwise: theme.text)
        if isSelected { frame.fill(line, style: style) }
        write(row.title, in: line, column: 1, isSelected ? style : theme.faint)
        let valueStyle = isSelected ? style : isDefault ? theme.text : theme.accent
        write(text, in: line.splitColumns(left: 14).right.splitColumns(right: 1).left, valueStyle)
    }
}
