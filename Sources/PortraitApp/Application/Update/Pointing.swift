import TerminalKit

extension AppState {
    /// A click selects; a click on what is selected already chooses it; the wheel moves.
    mutating func handlePointer(_ target: MouseTarget, _ kind: MouseEvent.Kind) -> [AppEffect] {
        switch kind {
        case .press(.left): return press(target)
        case .wheelUp: return wheel(-1, over: target)
        case .wheelDown: return wheel(1, over: target)
        case .press, .release, .drag: return []
        }
    }

    private mutating func press(_ target: MouseTarget) -> [AppEffect] {
        switch target {
        case .action(let name):
            return run(actionNamed: name)
        case .pane(let pane):
            focus(on: pane)
        case .entry(let pane, let index):
            let wasSelected = focus == pane && cursor.index == index
            focus(on: pane)
            moveCursor(to: index)
            if wasSelected { return run(actionNamed: "choose") }
        case .overlayEntry(let index):
            let wasSelected = cursor.index == index
            moveCursor(to: index)
            if wasSelected { return run(actionNamed: "choose") }
        case .overlay:
            break
        }
        return []
    }

    private mutating func wheel(_ rows: Int, over target: MouseTarget) -> [AppEffect] {
        switch target {
        case .pane(let pane), .entry(let pane, _):
            guard overlay == nil else { return [] }
            if pane != focus { focus(on: pane) }
        case .overlay, .overlayEntry, .action:
            break
        }
        moveRows(rows)
        return []
    }

    /// Does what an action does, if it can be done now.
    mutating func run(actionNamed name: String) -> [AppEffect] {
        guard let action = ActionTable.action(named: name), action.isPossible(self) else { return [] }
        return action.perform(&self)
    }

    /// Gives a pane the keyboard.
    mutating func focus(on pane: Pane) {
        isFiltering = false
        focus = pane
        if Pane.choosers.contains(pane) { chooser = pane }
        if preview.magnification == .full, pane != .preview { preview.magnification = .normal }
    }
}
