import TerminalKit

/// The list or grid that the movement keys act on.
package struct ActiveList: Sendable {
    package let count: Int
    /// Entries in a row.
    package var columns = 1
    /// Rows that are seen at once.
    package let visibleRows: Int
}

extension AppState {
    package var activeList: ActiveList {
        let layout = Layout(self)
        switch overlay {
        case .help(let search), .palette(let search):
            return ActiveList(count: matches(of: search).count, visibleRows: layout.overlayListRows)
        case .files(let picker):
            return ActiveList(count: picker.visibleEntries.count, visibleRows: layout.overlayListRows)
        case .choice(let list):
            return ActiveList(count: list.entries.count, visibleRows: layout.overlayListRows)
        case .messages:
            return ActiveList(count: messages.count, visibleRows: layout.overlayListRows)
        case .editor, .confirmation, .checklist, .viewer:
            return ActiveList(count: 0, visibleRows: 1)
        case nil:
            return list(of: focus, layout)
        }
    }

    private func list(of pane: Pane, _ layout: Layout) -> ActiveList {
        switch pane {
        case .style:
            let columns = browser.layout == .grid ? layout.styleGridColumns : 1
            return ActiveList(
                count: styleEntries.count, columns: columns, visibleRows: layout.listRows(of: pane))
        case .template:
            let count = choices.template == nil ? templates.library.count : templateFaceCount
            return ActiveList(count: count, visibleRows: layout.listRows(of: pane))
        case .person:
            return ActiveList(count: choices.photos.count, visibleRows: layout.listRows(of: pane))
        case .settings:
            return ActiveList(count: SettingsRow.allCases.count, visibleRows: layout.listRows(of: pane))
        case .queue:
            return ActiveList(count: queue.jobs.count, visibleRows: layout.listRows(of: pane))
        case .gallery:
            return ActiveList(
                count: gallery.visibleItems.count, columns: layout.galleryColumns,
                visibleRows: layout.listRows(of: pane))
        case .pose, .preview:
            return ActiveList(count: 0, visibleRows: 1)
        }
    }

    /// The selection of the active list.
    var cursor: ListCursor {
        get {
            if let overlay { return overlay.cursor ?? ListCursor() }
            switch focus {
            case .style: return browser.cursor
            case .template where choices.template == nil: return templates.cursor
            case .template: return templates.faceCursor
            case .person: return person.cursor
            case .settings: return settings.cursor
            case .queue: return queue.cursor
            case .gallery: return gallery.cursor
            case .pose, .preview: return ListCursor()
            }
        }
        set {
            if overlay != nil {
                changeOverlay { $0.cursor = newValue }
                return
            }
            switch focus {
            case .style: browser.cursor = newValue
            case .template where choices.template == nil: templates.cursor = newValue
            case .template: templates.faceCursor = newValue
            case .person: person.cursor = newValue
            case .settings: settings.cursor = newValue
            case .queue: queue.cursor = newValue
            case .gallery: gallery.cursor = newValue
            case .pose, .preview: break
            }
        }
    }

    mutating func moveCursor(to index: Int) {
        var moved = cursor
        moved.move(to: index, in: activeList.count)
        cursor = moved
    }

    /// Moves by whole rows; in a grid the column stays.
    mutating func moveRows(_ rows: Int) {
        let list = activeList
        let target = cursor.index + rows * list.columns
        guard list.columns > 1 else { return moveCursor(to: target) }
        let (first, last) = (cursor.index % list.columns, list.count - 1)
        moveCursor(to: target < 0 ? first : target > last ? max(cursor.index, last) : target)
    }

    mutating func movePages(_ pages: Int) { moveRows(pages * max(1, activeList.visibleRows - 1)) }
}

extension Overlay {
    /// The selection of the window's list; nil if it has none.
    var cursor: ListCursor? {
        get {
            switch self {
            case .help(let search), .palette(let search): search.cursor
            case .files(let picker): picker.cursor
            case .choice(let list): list.cursor
            case .messages(let cursor): cursor
            case .editor, .confirmation, .checklist, .viewer: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .help(var search):
                search.cursor = newValue
                self = .help(search)
            case .palette(var search):
                search.cursor = newValue
                self = .palette(search)
            case .files(var picker):
                picker.cursor = newValue
                self = .files(picker)
            case .choice(var list):
                list.cursor = newValue
                self = .choice(list)
            case .messages:
                self = .messages(newValue)
            case .editor, .confirmation, .checklist, .viewer:
                break
            }
        }
    }

    /// The text typed in the window; nil if it has none.
    var text: TextBuffer? {
        get {
            switch self {
            case .help(let search), .palette(let search): search.query
            case .files(let picker): picker.query
            case .editor(let editor): editor.buffer
            case .choice, .messages, .confirmation, .checklist, .viewer: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .help(var search):
                search.query = newValue
                self = .help(search)
            case .palette(var search):
                search.query = newValue
                self = .palette(search)
            case .files(var picker):
                picker.query = newValue
                self = .files(picker)
            case .editor(var editor):
                editor.buffer = newValue
                editor.complaint = nil
                self = .editor(editor)
            case .choice, .messages, .confirmation, .checklist, .viewer:
                break
            }
        }
    }
}

extension AppState {
    /// The text field that takes what is typed.
    var activeText: TextBuffer? {
        if let overlay { return overlay.text }
        guard isFiltering else { return nil }
        return focus == .gallery ? gallery.filter : browser.filter
    }

    mutating func changeText(_ change: (inout TextBuffer) -> Void) {
        guard var text = activeText else { return }
        change(&text)
        if overlay != nil {
            changeOverlay { $0.text = text }
        } else if focus == .gallery {
            gallery.filter = text
        } else {
            browser.filter = text
        }
    }
}
