/// Which keys run which actions.
package struct KeyBindings: Sendable {
    private var keys: [String: [KeyChord]] = [:]
    private var actions: [ActionContext: [KeyChord: AppAction]] = [:]
    /// A sentence for every change of the user's that is wrong.
    package private(set) var complaints: [String] = []

    /// The table's own keys.
    package static let standard = KeyBindings(changes: [:])

    /// The table's keys with the user's changes: other keys by action name; no keys leave an action without.
    package init(changes: [String: [String]]) {
        for name in changes.keys.sorted() where ActionTable.action(named: name) == nil {
            complaints.append("keys: there is no action '\(name)'\(Self.suggestion(for: name)).")
        }
        // Changed actions come first, so that they win a key over those that have it by default.
        let changed = ActionTable.actions.filter { changes[$0.name] != nil }
        let unchanged = ActionTable.actions.filter { changes[$0.name] == nil }
        for action in changed {
            bind(action, to: chords(changes[action.name] ?? [], of: action), isChange: true)
        }
        for action in unchanged {
            bind(action, to: action.defaultKeys.compactMap(KeyChord.init), isChange: false)
        }
    }

    /// The keys of an action.
    package func keys(of action: AppAction) -> [KeyChord] { keys[action.name] ?? [] }

    /// The action a key runs in the innermost of some contexts that knows it and can run it now.
    package func action(for key: KeyChord, in contexts: [ActionContext], state: AppState) -> AppAction? {
        contexts.lazy.compactMap { actions[$0]?[key] }.first { $0.isPossible(state) }
    }

    private mutating func chords(_ notations: [String], of action: AppAction) -> [KeyChord] {
        notations.compactMap { notation in
            if let chord = KeyChord(notation) { return chord }
            complaints.append(
                "keys: '\(notation)' for \(action.name) is not a key; write for example ctrl-p or f5.")
            return nil
        }
    }

    private mutating func bind(_ action: AppAction, to chords: [KeyChord], isChange: Bool) {
        for chord in chords {
            if let holder = actions[action.context]?[chord] {
                guard isChange else { continue }
                complaints.append("keys: \(chord) is given to both \(holder.name) and \(action.name).")
            } else {
                actions[action.context, default: [:]][chord] = action
                keys[action.name, default: []].append(chord)
            }
        }
    }

    private static func suggestion(for name: String) -> String {
        let filter = FuzzyFilter(name)
        let nearest = ActionTable.actions.compactMap { action in
            filter.score(action.name).map { ($0, action.name) }
        }
        .max { $0.0 < $1.0 }
        return nearest.map { "; did you mean '\($0.1)'?" } ?? ""
    }
}
