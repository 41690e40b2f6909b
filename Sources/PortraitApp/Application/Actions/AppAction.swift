/// Where an action's keys work.
package enum ActionContext: Sendable, Hashable {
    /// Everywhere, also while text is typed.
    case always
    /// On the main screen.
    case main
    /// Wherever entries can be selected.
    case list
    /// While this pane has the keyboard.
    case pane(Pane)
    /// While this window lies over the main screen.
    case overlay(Overlay.Kind)

    /// What help calls it.
    package var title: String {
        switch self {
        case .always: "Everywhere"
        case .main: "Main screen"
        case .list: "Lists"
        case .pane(let pane): "Pane \(pane.title)"
        case .overlay(let kind): kind.title
        }
    }
}

/// Something that can be done: the one place that says its name, keys, place, words, condition and effect.
///
/// Key dispatch, footer, help, palette, mouse targets, configuration and man page all read this.
package struct AppAction: Sendable, Identifiable {
    /// What the configuration calls it, such as `queue.cancel`.
    package let name: String
    /// The keys unless the configuration says otherwise, as `KeyChord` writes them.
    package let defaultKeys: [String]
    /// Where the keys work.
    package let context: ActionContext
    /// A word or two for the footer; nil if it is not shown there.
    package let hint: String?
    /// One line for help, palette and man page.
    package let description: String
    /// Whether it makes sense now; otherwise it is hidden and its keys do nothing.
    package let isPossible: @Sendable (AppState) -> Bool
    /// Does it.
    package let perform: @Sendable (inout AppState) -> [AppEffect]

    /// Actions are told apart by name.
    package var id: String { name }

    init(
        _ name: String, _ keys: [String], in context: ActionContext, hint: String? = nil,
        _ description: String,
        if isPossible: @escaping @Sendable (AppState) -> Bool = { _ in true },
        perform: @escaping @Sendable (inout AppState) -> [AppEffect]
    ) {
        self.name = name
        defaultKeys = keys
        self.context = context
        self.hint = hint
        self.description = description
        self.isPossible = isPossible
        self.perform = perform
    }

    /// An action that only changes the state.
    static func change(
        _ name: String, _ keys: [String], in context: ActionContext, hint: String? = nil,
        _ description: String,
        if isPossible: @escaping @Sendable (AppState) -> Bool = { _ in true },
        _ change: @escaping @Sendable (inout AppState) -> Void
    ) -> AppAction {
        AppAction(name, keys, in: context, hint: hint, description, if: isPossible) { state in
            change(&state)
            return []
        }
    }
}

/// All actions.
package enum ActionTable {
    /// In the order of help.
    package static let actions: [AppAction] =
        main + lists + style + template + pose + person + settings + preview + queue + gallery + overlays

    private static let byName = Dictionary(uniqueKeysWithValues: actions.map { ($0.name, $0) })

    /// The action of that name.
    package static func action(named name: String) -> AppAction? { byName[name] }
}
