import Foundation
import Portraits

extension AppState {
    var editsSeveralLines: Bool {
        if case .editor(let editor) = overlay { return editor.isMultiline }
        return false
    }

    /// ↑ and ↓ go by what is seen: by lines as they are broken in the window.
    mutating func moveEditorLine(by distance: Int) {
        guard case .editor(let editor) = overlay else { return }
        let wrapped = WrappedText(editor.buffer.characters, width: Layout(self).editorColumns)
        let place = wrapped.place(of: editor.buffer.cursor)
        let line = place.line + distance
        guard wrapped.lines.indices.contains(line) else { return }
        let target = wrapped.position(line: line, column: place.column)
        changeText { $0.move(to: target) }
    }

    /// Enter in the editor: the text becomes what it was opened for, or the editor says why not.
    mutating func keepEditedText() -> [AppEffect] {
        guard case .editor(let editor) = overlay else { return [] }
        let text = editor.buffer.text.trimmingCharacters(in: .whitespacesAndNewlines)
        switch editor.purpose {
        case .prompt: choices.prompt = text
        case .negativePrompt: choices.negativePrompt = text == model.profile.negativePrompt ? nil : text
        case .setting(let row):
            if let complaint = set(row, to: text) {
                changeOverlay { overlay in
                    guard case .editor(var editor) = overlay else { return }
                    editor.complaint = complaint
                    overlay = .editor(editor)
                }
                return []
            }
        }
        closeOverlay()
        return []
    }

    /// - Returns: why the text is not taken.
    private mutating func set(_ row: SettingsRow, to text: String) -> String? {
        if text.isEmpty {
            reset(row)
            return nil
        }
        do {
            try store(text, in: row)
            return nil
        } catch {
            return ErrorSentence.of(error)
        }
    }

    private mutating func store(_ text: String, in row: SettingsRow) throws {
        let name = row.title.trimmingCharacters(in: .whitespaces)
        func whole(_ range: ClosedRange<Int>) throws -> Int {
            try ArgumentValue.integer(text, name, in: range)
        }
        func decimal(_ range: ClosedRange<Float>) throws -> Float {
            try ArgumentValue.decimal(text, name, in: range)
        }
        switch row {
        case .promptPrefix: choices.promptPrefix = text == "none" ? "" : text
        case .steps: choices.steps = try whole(1...1000)
        case .guidance: choices.guidanceScale = try decimal(1...30)
        case .width: choices.width = try whole(64...2048)
        case .height: choices.height = try whole(64...2048)
        case .count: choices.count = try whole(1...1000)
        case .threads: choices.threadCount = try whole(1...facts.coreCount)
        case .identityWeight: choices.identity.weight = try decimal(0...2)
        case .identityStart: choices.identity.start = try decimal(0...choices.identity.end * 100) / 100
        case .identityEnd: choices.identity.end = try decimal(choices.identity.start * 100...100) / 100
        case .seed:
            guard let seed = UInt64(text) else {
                throw UsageError("Seed takes a whole number, not '\(text)'.")
            }
            choices.seed = seed
        case .preset, .prompt, .negativePrompt, .model, .adapter, .sampler, .theme: break
        }
    }
}
