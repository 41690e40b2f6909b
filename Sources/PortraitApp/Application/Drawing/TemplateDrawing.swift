import Foundation
import Portraits
import TerminalKit

extension Canvas {
    /// The library as long as no template is chosen, then its faces.
    mutating func drawTemplate(in rect: CellRect, _ layout: Layout) {
        guard let template = state.choices.template else { return drawTemplateLibrary(in: rect, layout) }
        let inner = box(.template, in: rect)
        let (text, area) = inner.splitRows(bottom: layout.detailRows(of: .template))
        pictureWithFaces(template.path, chosen: template.faces.map(\.number), in: area)
        drawTemplateFaces(template, in: text)
    }

    // MARK: Library

    private mutating func drawTemplateLibrary(in rect: CellRect, _ layout: Layout) {
        let library = state.templates.library
        let inner = box(.template, in: rect, note: Phrases.count(library.count, "template", "templates"))
        guard !library.isEmpty else {
            drawInvitation(
                [
                    "No template",
                    "\(keyName(of: "template.pick")) picks a picture: its faces",
                    "become your people, all else stays.",
                ], in: inner)
            return
        }
        let list = layout.list(of: .template)
        let cursor = state.templates.cursor
        for (row, index) in cursor.window(rows: list.rows, in: library.count).enumerated() {
            let line = list.splitRows(top: row + 1).top.splitRows(bottom: 1).bottom
            drawLibraryLine(library[index], in: line, isSelected: index == cursor.index)
            target(line, .entry(.template, index))
        }
        if let template = state.templates.selected, layout.detailRows(of: .template) > 2 {
            let details = inner.splitRows(bottom: layout.detailRows(of: .template)).bottom
            drawTemplateDetails(template.description, of: template.picture.path, in: details)
        }
    }

    private mutating func drawLibraryLine(_ template: LibraryTemplate, in line: CellRect, isSelected: Bool) {
        let style = entryStyle(isSelected: isSelected, pane: .template, otherwise: theme.text)
        if isSelected { frame.fill(line, style: style) }
        let used = write(template.description.title, in: line, column: 1, style)
        let note = Phrases.count(template.description.faces, "face", "faces")
        if used + note.count + 3 <= line.columns {
            writeRight("\(note) ", in: line, isSelected ? style : theme.faint)
        }
    }

    /// The picture, as large as there is room for, above who made it.
    private mutating func drawTemplateDetails(
        _ template: LibraryTemplate.Description, of path: String, in rect: CellRect
    ) {
        drawRule(in: rect)
        let (area, text) = rect.splitRows(top: 1).bottom.splitRows(bottom: 1)
        picture(.file(path, side: 800), in: area)
        centered("by \(template.author), \(template.licence)", in: text, theme.faint)
    }

    // MARK: Faces

    private mutating func drawTemplateFaces(_ template: Choices.Template, in rect: CellRect) {
        write(state.templates.title(of: template.path), in: rect, column: 1, theme.label)
        _ = drawWeight("Strength", template.strength, of: 1, in: rect.inset(columns: 1, rows: 0), row: 1)
        switch state.person.inspections[template.path] {
        case nil, .pending: write("Looking for faces…", in: rect, row: 2, column: 1, theme.faint)
        case .failed(let sentence): write(sentence, in: rect, row: 2, column: 1, theme.failure)
        case .done(let seen) where seen.faces.isEmpty:
            write("No face was found.", in: rect, row: 2, column: 1, theme.failure)
        case .done(let seen):
            let list = rect.splitRows(top: 2).bottom
            for (row, face) in state.templates.faceCursor.window(rows: list.rows, in: seen.faces.count)
                .enumerated()
            {
                drawTemplateFace(
                    face, of: template, in: list.splitRows(top: row + 1).top.splitRows(bottom: 1).bottom)
            }
        }
    }

    private mutating func drawTemplateFace(_ face: Int, of template: Choices.Template, in line: CellRect) {
        let isSelected = state.templates.faceCursor.index == face
        let style = entryStyle(isSelected: isSelected, pane: .template, otherwise: theme.text)
        if isSelected { frame.fill(line, style: style) }
        let chosen = template[face + 1]
        write("\(chosen == nil ? "○" : "●") face \(face + 1)", in: line, column: 1, style)
        if let chosen { writeRight("\(owner(of: chosen)) ", in: line, isSelected ? style : theme.faint) }
        target(line, .entry(.template, face))
    }

    /// Whose a chosen face becomes, in a few words.
    private func owner(of face: Choices.Template.Face) -> String {
        guard let first = face.photos.first else { return "the person of pane 4" }
        let more = face.photos.count > 1 ? " +\(face.photos.count - 1)" : ""
        let problem = face.photos.contains { state.photoProblem($0)?.isFatal == true } ? " (no face!)" : ""
        return Phrases.fileName(first) + more + problem
    }
}
