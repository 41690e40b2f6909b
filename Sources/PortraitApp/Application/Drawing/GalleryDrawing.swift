import Foundation
import Portraits
import TerminalKit

extension Canvas {
    mutating func drawGallery(in rect: CellRect, _ layout: Layout) {
        let items = state.gallery.visibleItems
        let query = state.gallery.filter.text
        let title = state.isFiltering || !query.isEmpty ? "Gallery /\(query)" : "Gallery"
        let inner = box(
            .gallery, in: rect, title: title, note: Phrases.count(items.count, "picture", "pictures"))
        if state.isFiltering { showTextCursor(behind: "8 Gallery /", in: rect, text: state.gallery.filter) }
        guard !items.isEmpty else {
            drawInvitation(emptyGalleryLines, in: inner)
            return
        }
        drawTiles(of: items, in: layout.list(of: .gallery), layout)
        let details = inner.splitColumns(right: layout.galleryDetailColumns).right
        if details.columns > 0, let item = state.gallery.selected {
            drawDetails(of: item, in: details.splitColumns(left: 1).right)
        }
    }

    private var emptyGalleryLines: [String] {
        if !state.gallery.isLoaded { return ["Reading the gallery…"] }
        if !state.gallery.filter.isEmpty { return ["Nothing fits", "Esc clears the filter."] }
        return [
            "No pictures yet", "\(keyName(of: "generate")) makes one; it is kept in",
            state.facts.folders.shortened(state.facts.galleryFolder.path),
        ]
    }

    private mutating func drawTiles(of items: [GalleryItem], in rect: CellRect, _ layout: Layout) {
        let tile = Layout.galleryTile
        let columns = layout.galleryColumns
        let window = state.gallery.cursor.window(
            rows: max(1, rect.rows / tile.rows), columns: columns, in: items.count)
        for (position, index) in window.enumerated() {
            let place = CellRect(
                column: rect.column + position % columns * tile.columns,
                row: rect.row + position / columns * tile.rows, columns: tile.columns, rows: tile.rows
            ).intersection(rect)
            drawTile(of: items[index], in: place, isSelected: index == state.gallery.cursor.index)
            target(place, .entry(.gallery, index))
        }
    }

    private mutating func drawTile(of item: GalleryItem, in rect: CellRect, isSelected: Bool) {
        let (area, label) = rect.splitRows(bottom: 1)
        picture(.file(item.id, side: 256), in: area.inset(columns: 1, rows: 0))
        let style = entryStyle(isSelected: isSelected, pane: .gallery, otherwise: theme.text)
        let line = label.inset(columns: 1, rows: 0)
        if isSelected { frame.fill(line, style: style) }
        let mark = state.gallery.marked == item.id ? "◆ " : ""
        write("\(mark)\(item.file.deletingPathExtension().lastPathComponent)", in: line, style)
    }

    private mutating func drawDetails(of item: GalleryItem, in rect: CellRect) {
        let facts = Self.facts(of: item)
        let textRows = min(rect.rows / 2, facts.count + 5)
        let (area, text) = rect.splitRows(bottom: textRows)
        picture(.file(item.id, side: 1024), in: area)
        var row = 0
        for (label, value) in facts {
            write(label, in: text, row: row, theme.faint)
            write(value, in: text, row: row, column: 11, theme.text)
            row += 1
        }
        if let prompt = item.settings?.prompt { writeWrapped(prompt, in: text, row: row, theme.faint) }
    }

    private static func facts(of item: GalleryItem) -> [(String, String)] {
        guard let settings = item.settings else {
            return [("File", item.file.lastPathComponent), ("Settings", "none are recorded in it")]
        }
        let loras = settings.loras.map { "\($0.name) \(Phrases.weight($0.weight))" }.joined(separator: ", ")
        let size = "\(settings.width)x\(settings.height), \(settings.steps) steps"
        let likeness = settings.adapter == nil ? "no face was used" : Phrases.weight(settings.identityWeight)
        return [
            ("File", item.file.lastPathComponent), ("Style", settings.style ?? "none"),
            ("Model", settings.model),
            ("Size", size), ("Sampler", "\(settings.samplerName), guidance \(settings.guidanceScale)"),
            ("Seed", "\(settings.seed)"), ("Likeness", likeness),
        ] + (settings.likeness.map { [("Score", $0.sentence)] } ?? [])
            + (settings.personWords.map { [("Person", $0.map(\.prefix).joined(separator: "; "))] } ?? [])
            + (loras.isEmpty ? [] : [("LoRA", loras)])
    }
}
