import TerminalKit

extension AppState {
    /// The text field that takes what is typed, if any.
    package var isTyping: Bool { activeText != nil }

    mutating func handleKey(_ key: Key) -> [AppEffect] {
        let isPrintable = if case .character = key.code { !key.isControl && !key.isAlt } else { false }
        if isTyping, isPrintable {
            type(key)
            return []
        }
        if isTyping, editsText(key), edit(key) { return [] }
        guard let action = bindings.action(for: KeyChord(key), in: contexts, state: self) else {
            if isTyping { edit(key) }
            return []
        }
        return action.perform(&self)
    }

    private mutating func type(_ key: Key) {
        guard case .character(let character) = key.code else { return }
        changeText { $0.insert(String(character)) }
        textChanged()
    }

    /// Keys that belong to a text field before they belong to an action: a list beside it moves by ↑ and ↓ only.
    private func editsText(_ key: Key) -> Bool {
        switch key.code {
        case .left, .right, .home, .end, .backspace, .delete: !(activeText?.isEmpty ?? true)
        default: false
        }
    }

    /// - Returns: whether the key means something to a text field.
    @discardableResult private mutating func edit(_ key: Key) -> Bool {
        guard let change = TextKeys.change(for: key) else { return false }
        let before = activeText
        changeText(change)
        if activeText?.text != before?.text { textChanged() }
        return true
    }

    /// Another text, other entries: the cursor goes to the best one.
    private mutating func textChanged() {
        if case .editor = overlay { return }
        moveCursor(to: 0)
    }

    mutating func handlePaste(_ text: String) -> [AppEffect] {
        if isTyping {
            let isMultiline = if case .editor(let editor) = overlay { editor.isMultiline } else { false }
            let line = text.split(whereSeparator: \.isNewline).joined(separator: isMultiline ? "\n" : " ")
            changeText { $0.insert(line) }
            textChanged()
            return []
        }
        return dropFiles(text)
    }
}

/// The keys of readline and of other text fields.
private enum TextKeys {
    static func change(for key: Key) -> ((inout TextBuffer) -> Void)? {
        switch (key.code, key.isControl || key.isAlt) {
        case (.left, false): { $0.move(by: -1) }
        case (.right, false): { $0.move(by: 1) }
        case (.left, true): { $0.moveWordBackward() }
        case (.right, true): { $0.moveWordForward() }
        case (.home, _): { $0.move(to: 0) }
        case (.end, _): { $0.move(to: .max) }
        case (.backspace, false): { $0.deleteBackward() }
        case (.backspace, true): { $0.deleteWordBackward() }
        case (.delete, _): { $0.deleteForward() }
        case (.character(let letter), true): control(letter)
        default: nil
        }
    }

    private static func control(_ letter: Character) -> ((inout TextBuffer) -> Void)? {
        switch letter.lowercased() {
        case "a": { $0.move(to: 0) }
        case "e": { $0.move(to: .max) }
        case "b": { $0.moveWordBackward() }
        case "f": { $0.moveWordForward() }
        case "w": { $0.deleteWordBackward() }
        case "u": { $0.deleteToStart() }
        case "k": { $0.deleteToEnd() }
        default: nil
        }
    }
}
