import TerminalKit

/// A key as people write it: `g`, `G`, `ctrl-p`, `alt-enter`, `space`, `f1`.
package struct KeyChord: Sendable, Hashable, CustomStringConvertible {
    /// The one way to write it.
    package let description: String

    private static let namedKeys: [(name: String, code: Key.Code)] = [
        ("enter", .enter), ("esc", .escape), ("tab", .tab), ("shift-tab", .backTab),
        ("backspace", .backspace),
        ("delete", .delete), ("insert", .insert), ("up", .up), ("down", .down), ("left", .left),
        ("right", .right), ("home", .home), ("end", .end), ("pageup", .pageUp), ("pagedown", .pageDown),
        ("space", .character(" ")),
    ]

    /// The chord of a key that was pressed.
    package init(_ key: Key) {
        let name: String
        var showsShift = key.isShift
        switch key.code {
        case .character(let character) where character != " ":
            name = key.isControl ? character.lowercased() : String(character)
            showsShift = false
        case .function(let number):
            name = "f\(number)"
        default:
            name = Self.namedKeys.first { $0.code == key.code }?.name ?? "unknown"
            if key.code == .backTab { showsShift = false }
        }
        description =
            (key.isControl ? "ctrl-" : "") + (key.isAlt ? "alt-" : "") + (showsShift ? "shift-" : "") + name
    }

    /// Reads what a user wrote; nil if it names no key.
    package init?(_ notation: String) {
        guard let key = Self.key(notation) else { return nil }
        self.init(key)
    }

    /// The key that a notation names.
    package static func key(_ notation: String) -> Key? {
        var rest = Substring(notation)
        var (isControl, isAlt, isShift) = (false, false, false)
        while let dash = rest.firstIndex(of: "-"), dash != rest.startIndex, rest != "shift-tab" {
            switch rest[..<dash].lowercased() {
            case "ctrl": isControl = true
            case "alt": isAlt = true
            case "shift": isShift = true
            default: return nil
            }
            rest = rest[rest.index(after: dash)...]
        }
        return code(String(rest)).map { Key($0, isControl: isControl, isAlt: isAlt, isShift: isShift) }
    }

    private static func code(_ name: String) -> Key.Code? {
        if name.count == 1, let character = name.first { return .character(character) }
        let lowercased = name.lowercased()
        if let named = namedKeys.first(where: { $0.name == lowercased }) { return named.code }
        guard lowercased.first == "f", let number = Int(lowercased.dropFirst()), (1...24).contains(number)
        else { return nil }
        return .function(number)
    }

    /// As footers show it, short.
    package var symbol: String {
        switch description {
        case "enter": "⏎"
        case "up": "↑"
        case "down": "↓"
        case "left": "←"
        case "right": "→"
        case "backspace": "⌫"
        case "esc": "Esc"
        case "tab": "Tab"
        case "space": "Space"
        default: description.hasPrefix("ctrl-") ? "^\(description.dropFirst(5).uppercased())" : description
        }
    }
}
