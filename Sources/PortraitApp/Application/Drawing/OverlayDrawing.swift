import Foundation
import TerminalKit

extension Canvas {
    mutating func draw(_ overlay: Overlay, _ layout: Layout, isInnermost: Bool) {
        switch overlay {
        case .help(let search):
            drawSearch(search, title: "Help: what can be done here", layout, isInnermost: isInnermost)
        case .palette(let search): drawSearch(search, title: "Do", layout, isInnermost: isInnermost)
        case .files(let picker): draw(picker, layout, isInnermost: isInnermost)
        case .editor(let editor): draw(editor, layout)
        case .choice(let list): draw(list, layout)
        case .confirmation(let question): draw(question, layout)
        case .messages(let cursor): drawMessages(cursor, layout)
        case .checklist: drawChecklist(layout)
        case .viewer(let viewer): draw(viewer, layout)
        }
    }

    // MARK: Lists in windows

    /// Draws the seen entries of a list, the selected one highlighted.
    private mutating func drawEntries(
        count: Int, cursor: ListCursor, in rect: CellRect,
        line draw: (inout Canvas, Int, CellRect, TextStyle?) -> Void
    ) {
        for (row, index) in cursor.window(rows: rect.rows, in: count).enumerated() {
            let line = rect.splitRows(top: row + 1).top.splitRows(bottom: 1).bottom
            let isSelected = index == cursor.index
            if isSelected { frame.fill(line, style: theme.selection) }
            draw(&self, index, line, isSelected ? theme.selection : nil)
            target(line, .overlayEntry(index))
        }
    }

    /// A line of typed text with its cursor.
    private mutating func drawField(_ text: TextBuffer, label: String, in rect: CellRect, isInnermost: Bool) {
        let used = write(label, in: rect, theme.accent)
        let before = CellWidth.of(String(text.characters[..<text.cursor]))
        write(text.text, in: rect, column: used, theme.text)
        guard isInnermost, used + before < rect.columns else { return }
        frame.cursor = CellPoint(column: rect.column + used + before, row: rect.row)
    }

    private mutating func drawSearch(
        _ search: ActionSearch, title: String, _ layout: Layout, isInnermost: Bool
    ) {
        let inner = window(layout.listWindow, title: title)
        drawField(search.query, label: "› ", in: inner, isInnermost: isInnermost)
        let found = state.matches(of: search)
        let list = inner.splitRows(top: 2).bottom
        if found.isEmpty { write("No action fits.", in: list, theme.faint) }
        drawEntries(count: found.count, cursor: search.cursor, in: list) { canvas, index, line, selected in
            canvas.drawAction(found[index], in: line, selected)
        }
    }

    private mutating func drawAction(_ action: AppAction, in line: CellRect, _ selected: TextStyle?) {
        let isPossible = action.isPossible(state)
        let keys = state.bindings.keys(of: action).map(\.symbol).joined(separator: " ")
        write(SafeText(keys).truncated(toCells: 13), in: line, column: 1, selected ?? theme.accent)
        write(action.description, in: line, column: 16, selected ?? (isPossible ? theme.text : theme.faint))
        if line.columns > 74 { writeRight("\(action.context.title) ", in: line, selected ?? theme.faint) }
    }

    private mutating func draw(_ list: ChoiceList, _ layout: Layout) {
        let rect = layout.window(columns: 64, rows: list.entries.count + 2)
        let inner = window(rect, title: list.title)
        drawEntries(count: list.entries.count, cursor: list.cursor, in: inner) {
            canvas, index, line, selected in
            let entry = list.entries[index]
            let used = canvas.write(entry.title, in: line, column: 1, selected ?? canvas.theme.text)
            canvas.write(entry.detail, in: line, column: max(26, used + 3), selected ?? canvas.theme.faint)
        }
    }

    private mutating func drawMessages(_ cursor: ListCursor, _ layout: Layout) {
        let inner = window(layout.listWindow, title: "Messages")
        let messages = state.messages
        if messages.isEmpty { write("Nothing has been said yet.", in: inner, theme.faint) }
        drawEntries(count: messages.count, cursor: cursor, in: inner) { canvas, index, line, selected in
            let (mark, style) = canvas.look(of: messages[index].kind)
            canvas.write(mark, in: line, column: 1, selected ?? style)
            canvas.write(messages[index].text, in: line, column: 3, selected ?? canvas.theme.text)
        }
    }

    // MARK: Files

    private mutating func draw(_ picker: FilePicker, _ layout: Layout, isInnermost: Bool) {
        let inner = window(layout.listWindow, title: picker.purpose.title)
        let path = state.facts.folders.shortened(picker.folder.path)
        drawField(picker.query, label: path == "/" ? "/ " : "\(path)/ ", in: inner, isInnermost: isInnermost)
        var list = inner.splitRows(top: 2).bottom
        if picker.purpose.showsPictures, list.columns > 60 {
            let (left, right) = list.splitColumns(left: list.columns / 2)
            list = left
            if let file = picker.selectedURL, picker.selection?.kind == .file {
                picture(.file(file.path, side: 640), in: right.splitColumns(left: 2).right)
            }
        }
        guard let all = picker.entries else { return _ = write("Reading…", in: list, theme.faint) }
        if let complaint = picker.complaint { writeWrapped(complaint, in: list, theme.failure) }
        let entries = picker.visibleEntries
        if all.isEmpty, picker.complaint == nil {
            write("Nothing here that can be chosen.", in: list, theme.faint)
        }
        drawEntries(count: entries.count, cursor: picker.cursor, in: list) { canvas, index, line, selected in
            canvas.draw(entries[index], in: line, selected)
        }
    }

    private mutating func draw(_ entry: FilePicker.Entry, in line: CellRect, _ selected: TextStyle?) {
        switch entry.kind {
        case .folder: write("\(entry.name)/", in: line, column: 1, selected ?? theme.accent)
        case .choosableFolder:
            write(
                [(entry.name, selected ?? theme.label), ("  model", selected ?? theme.good)], in: line,
                column: 1)
        case .file: write(entry.name, in: line, column: 1, selected ?? theme.text)
        }
    }

    // MARK: Text

    private mutating func draw(_ editor: TextEditor, _ layout: Layout) {
        let rect = editor.isMultiline ? layout.editorWindow : layout.window(columns: 50, rows: 5)
        let inner = window(rect, title: editor.title)
        let wrapped = WrappedText(editor.buffer.characters, width: inner.columns)
        let place = wrapped.place(of: editor.buffer.cursor)
        let rows = inner.rows - (editor.complaint == nil ? 0 : 1)
        let first = max(0, place.line - rows + 1)
        for row in 0..<min(rows, wrapped.lines.count - first) {
            write(wrapped[first + row], in: inner, row: row, theme.text)
        }
        frame.cursor = CellPoint(
            column: inner.column + min(place.column, inner.columns - 1), row: inner.row + place.line - first)
        if let complaint = editor.complaint {
            write(complaint, in: inner, row: inner.rows - 1, theme.failure)
        }
    }

    private mutating func draw(_ question: Confirmation, _ layout: Layout) {
        let width = min(64, layout.body.columns - 2)
        let lines = WrappedText(question.question, width: max(1, width - 4)).texts
        let inner = window(layout.window(columns: width, rows: lines.count + 4), title: "Sure?")
        for (row, line) in lines.enumerated() { write(line, in: inner, row: row, theme.text) }
        write(
            [
                ("y", theme.accent), (" \(question.yes)    ", theme.text), ("n", theme.accent),
                (" \(question.no)", theme.text),
            ],
            in: inner, row: inner.rows - 1)
    }

    private mutating func drawChecklist(_ layout: Layout) {
        let inner = window(layout.window(columns: 84, rows: 16), title: "What is there, what is missing")
        var row = 0
        for item in state.checklist where row < inner.rows {
            row += drawChecklistItem(item, in: inner, row: row)
        }
    }

    // MARK: Large pictures

    private mutating func draw(_ viewer: PictureViewer, _ layout: Layout) {
        frame.fill(layout.body, style: theme.text)
        target(frame.bounds, .overlay)
        let columns = layout.body.columns / max(1, viewer.subjects.count)
        for (index, subject) in viewer.subjects.enumerated() {
            let place = layout.body.splitColumns(left: columns * (index + 1)).left.splitColumns(
                right: columns
            ).right
            let (area, caption) = place.splitRows(bottom: 1)
            picture(
                viewer.zoom.level == 0
                    ? .file(subject.file.path, side: 1600)
                    : .part(subject.file.path, zoom: viewer.zoom, side: 1600),
                in: area.splitColumns(right: viewer.subjects.count > 1 ? 1 : 0).left)
            centered(subject.caption, in: caption, row: 0, theme.faint)
        }
    }
}
