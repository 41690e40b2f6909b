import TerminalKit

/// Where everything is on the screen; the update needs it too, to know what a page or a row of a grid is.
package struct Layout: Sendable {
    /// Below this size one pane at a time is shown.
    private static let paneSize = CellSize(columns: 60, rows: 16)
    /// Below this size nothing sensible can be shown.
    package static let smallestSize = CellSize(columns: 40, rows: 10)
    /// The least room of a thumbnail with its name below it.
    package static let styleTile = CellSize(columns: 15, rows: 7)
    package static let galleryTile = CellSize(columns: 18, rows: 9)

    package let screen: CellRect
    package let header: CellRect
    package let footer: CellRect
    package let body: CellRect
    /// The pane in which something is chosen; nil if it is not shown.
    package let chooser: CellRect?
    package let preview: CellRect?
    package let queue: CellRect?
    package let gallery: CellRect?

    private let editorSize: CellSize
    private let isGrid: Bool
    private let hasTemplate: Bool

    package init(_ state: AppState) {
        screen = CellRect(state.size)
        let (top, rest) = screen.splitRows(top: 1)
        let (middle, bottom) = rest.splitRows(bottom: 1)
        (header, body, footer) = (top, middle, bottom)
        isGrid = state.browser.layout == .grid
        hasTemplate = state.choices.template != nil
        editorSize = CellSize(
            columns: min(76, max(20, body.columns - 8)), rows: min(12, max(5, body.rows - 4)))
        let isSmall = state.size.columns < Self.paneSize.columns || state.size.rows < Self.paneSize.rows
        let isAlone = isSmall || state.focus == .gallery || state.preview.magnification == .full
        if isAlone {
            chooser = Pane.choosers.contains(state.focus) ? body : nil
            preview = state.focus == .preview ? body : nil
            queue = state.focus == .queue ? body : nil
            gallery = state.focus == .gallery ? body : nil
            return
        }
        let share = state.preview.magnification == .large ? 0.3 : 0.46
        let width = min(64, max(28, Int(Double(body.columns) * share)))
        let (left, right) = body.splitColumns(left: width)
        let queueRows = min(10, max(5, body.rows / 4))
        let (upper, lower) = right.splitRows(bottom: queueRows)
        (chooser, preview, queue, gallery) = (left, upper, lower, nil)
    }

    package var isTooSmall: Bool {
        screen.columns < Self.smallestSize.columns || screen.rows < Self.smallestSize.rows
    }

    /// The area of a pane, border included; nil if it is not shown.
    package func rect(of pane: Pane) -> CellRect? {
        switch pane {
        case .style, .template, .pose, .person, .settings: chooser
        case .preview: preview
        case .queue: queue
        case .gallery: gallery
        }
    }

    // MARK: Lists

    /// The lines below a pane's list that explain its selected entry.
    package func detailRows(of pane: Pane) -> Int {
        guard let inner = rect(of: pane)?.inset(by: 1) else { return 0 }
        switch pane {
        case .style: return min(isGrid ? 5 : 10, inner.rows / 3)
        case .settings: return inner.rows > SettingsRow.allCases.count + 2 ? 3 : min(1, inner.rows / 4)
        case .template: return hasTemplate ? max(0, inner.rows - 6) : inner.rows / 2
        case .person: return max(0, inner.rows - min(5, inner.rows / 3))
        case .pose, .preview, .queue, .gallery: return 0
        }
    }

    /// The area of a pane's entries.
    package func list(of pane: Pane) -> CellRect {
        guard let inner = rect(of: pane)?.inset(by: 1) else {
            return CellRect(column: 0, row: 0, columns: 0, rows: 0)
        }
        if pane == .gallery { return inner.splitColumns(right: galleryDetailColumns).left }
        return inner.splitRows(bottom: detailRows(of: pane)).top
    }

    /// Rows of entries that are seen at once.
    package func listRows(of pane: Pane) -> Int {
        let rows = list(of: pane).rows
        return max(1, pane == .gallery ? rows / Self.galleryTile.rows : rows)
    }

    package var styleGridColumns: Int { max(1, list(of: .style).columns / Self.styleTile.columns) }
    package var galleryColumns: Int { max(1, list(of: .gallery).columns / Self.galleryTile.columns) }

    /// The text beside the gallery's thumbnails.
    package var galleryDetailColumns: Int { body.columns < 70 ? 0 : min(46, body.columns * 2 / 5) }

    // MARK: Windows

    /// A window in the middle, of a size if there is room.
    package func window(columns: Int, rows: Int) -> CellRect {
        body.centered(CellSize(columns: min(columns, body.columns - 2), rows: min(rows, body.rows)))
    }

    package var listWindow: CellRect { window(columns: 92, rows: 26) }
    /// Entries of a window's list: without border, text field and blank line.
    package var overlayListRows: Int { max(1, listWindow.rows - 4) }
    package var editorWindow: CellRect { window(columns: editorSize.columns + 4, rows: editorSize.rows + 2) }
    package var editorColumns: Int { max(1, editorWindow.columns - 4) }
}
