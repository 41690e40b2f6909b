import Portraits
import TerminalKit

/// A step of the breadcrumb: what was chosen in a pane.
struct Crumb {
    let pane: Pane
    let value: String
    let isMissing: Bool
}

extension AppState {
    /// What has been chosen, pane by pane.
    var crumbs: [Crumb] {
        let problem = choices.photos.isEmpty || choices.photos.contains { photoProblem($0)?.isFatal == true }
        let person =
            choices.photos.count == 1
            ? Phrases.fileName(choices.photos[0]) : Phrases.count(choices.photos.count, "photo", "photos")
        return [
            Crumb(pane: .style, value: chosenStyle?.title ?? "none", isMissing: false),
            Crumb(
                pane: .template, value: choices.template.map { templates.title(of: $0.path) } ?? "none",
                isMissing: false),
            Crumb(
                pane: .pose, value: choices.pose.map { Phrases.fileName($0.path) } ?? "none", isMissing: false
            ),
            Crumb(pane: .person, value: choices.photos.isEmpty ? "missing" : person, isMissing: problem),
            Crumb(
                pane: .settings,
                value:
                    "\(value(of: .width).text)x\(value(of: .height).text) · \(value(of: .steps).text) steps",
                isMissing: model.problem != nil),
        ]
    }

    /// The actions shown in the footer, the innermost context's first.
    package var footerActions: [AppAction] {
        var takenKeys: Set<KeyChord> = []
        return contexts.flatMap { context in
            let possible = ActionTable.actions.filter { $0.context == context && $0.isPossible(self) }
            // A key means what the innermost context says.
            let free = possible.filter { action in
                bindings.keys(of: action).first.map { !takenKeys.contains($0) } ?? false
            }
            takenKeys.formUnion(possible.flatMap(bindings.keys))
            return free.filter { $0.hint != nil }
        }
    }
}

extension Canvas {
    // MARK: Header

    mutating func drawHeader(in rect: CellRect) {
        frame.fill(rect, style: theme.chrome)
        let crumbs = state.crumbs
        let status = state.isReady ? "● ready" : "● not ready"
        let statusWidth = CellWidth.of(status) + 2
        let (trail, end) = rect.splitColumns(right: statusWidth)
        for detail in CrumbDetail.allCases {
            let pieces = crumbs.map { detail.text(of: $0) }
            let width =
                pieces.reduce(0) { $0 + CellWidth.of($1.title) + CellWidth.of($1.value) } + 3
                * (crumbs.count - 1) + 1
            if width <= trail.columns || detail == .numbers {
                draw(crumbs, pieces, in: trail)
                break
            }
        }
        writeRight("\(status) ", in: end, chrome(state.isReady ? theme.good : theme.failure))
        target(end, .action("checklist"))
    }

    private mutating func draw(
        _ crumbs: [Crumb], _ pieces: [(title: String, value: String)], in rect: CellRect
    ) {
        var column = 1
        for (crumb, piece) in zip(crumbs, pieces) {
            if column > 1 { column += write(" › ", in: rect, column: column, chrome(theme.faint)) }
            let start = column
            let isShown = state.chooser == crumb.pane
            column += write(
                piece.title, in: rect, column: column, chrome(isShown ? theme.accent : theme.faint))
            let valueStyle = crumb.isMissing ? theme.failure : isShown ? theme.label : theme.text
            column += write(piece.value, in: rect, column: column, chrome(valueStyle))
            target(
                CellRect(column: rect.column + start, row: rect.row, columns: column - start, rows: 1),
                .pane(crumb.pane))
        }
    }

    /// A style on the ground of header and footer.
    private func chrome(_ style: TextStyle) -> TextStyle {
        var style = style
        style.background = theme.chrome.background
        return style
    }

    // MARK: Footer

    mutating func drawFooter(in rect: CellRect) {
        frame.fill(rect, style: theme.chrome)
        if let message = state.freshMessage, state.overlay == nil {
            let (mark, style) = look(of: message.kind)
            write([(" \(mark) ", chrome(style)), (message.text, chrome(theme.text))], in: rect)
            return
        }
        drawHints(in: rect)
    }

    func look(of kind: Message.Kind) -> (mark: String, style: TextStyle) {
        switch kind {
        case .plain: ("·", theme.faint)
        case .good: ("✓", theme.good)
        case .warning: ("!", theme.warning)
        case .failure: ("✗", theme.failure)
        }
    }

    /// The innermost hints from the left as far as there is room; those of the main screen stay at the right.
    private mutating func drawHints(in rect: CellRect) {
        let actions = state.footerActions
        let general = actions.filter { $0.context == .main }
        let room = rect.columns - general.reduce(0) { $0 + width(of: $1) } - 1
        var column = 1
        for action in actions where action.context != .main {
            guard column + width(of: action) <= room else { continue }
            column = drawHint(action, in: rect, column: column)
        }
        column = max(column, rect.columns - general.reduce(0) { $0 + width(of: $1) })
        for action in general where column + width(of: action) <= rect.columns + 2 {
            column = drawHint(action, in: rect, column: column)
        }
    }

    private func width(of action: AppAction) -> Int {
        CellWidth.of(keySymbol(of: action)) + 1 + CellWidth.of(action.hint ?? "") + 2
    }

    /// The first key of an action, as the user has bound it.
    func keyName(of name: String) -> String {
        ActionTable.action(named: name).map(keySymbol) ?? ""
    }

    private func keySymbol(of action: AppAction) -> String {
        state.bindings.keys(of: action).first?.symbol ?? ""
    }

    private mutating func drawHint(_ action: AppAction, in rect: CellRect, column: Int) -> Int {
        let end = write(
            [(keySymbol(of: action), chrome(theme.accent)), (" \(action.hint ?? "")", chrome(theme.faint))],
            in: rect, column: column)
        target(
            CellRect(column: rect.column + column, row: rect.row, columns: end - column, rows: 1),
            .action(action.name))
        return end + 2
    }

    // MARK: No room

    mutating func drawTooSmall(_ layout: Layout) {
        let needed = Layout.smallestSize
        let rect = layout.screen
        centered(
            "facechain needs \(needed.columns)x\(needed.rows)", in: rect, row: max(0, rect.rows / 2 - 1),
            theme.label)
        centered("this window: \(rect.columns)x\(rect.rows)", in: rect, row: rect.rows / 2, theme.faint)
    }
}

/// How much of the breadcrumb fits.
private enum CrumbDetail: CaseIterable {
    case everything, shortened, titles, numbers

    func text(of crumb: Crumb) -> (title: String, value: String) {
        let number = crumb.pane.rawValue
        switch self {
        case .everything: return ("\(number) \(crumb.pane.title) ", crumb.value)
        case .shortened: return ("\(number) ", SafeText(crumb.value).truncated(toCells: 14))
        case .titles: return ("\(number) ", crumb.isMissing ? "\(crumb.pane.title)!" : crumb.pane.title)
        case .numbers: return ("\(number)", crumb.isMissing ? "!" : "")
        }
    }
}
