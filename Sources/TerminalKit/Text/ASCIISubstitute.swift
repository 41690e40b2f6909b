/// ASCII characters for those that a locale without Unicode cannot show.
package enum ASCIISubstitute {
    private static let substitutes: [Unicode.Scalar: Unicode.Scalar] = {
        let groups: [(Unicode.Scalar, String)] = [
            ("-", "─━╌╍┄┅‐‑‒–—−╴╶"), ("|", "│┃┆┇╎╏╵╷"), ("+", "┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬"), ("=", "═"),
            ("#", "█▉▊▋▓"),
            (":", "▌▍▎▒"), (".", "░…·▏"), ("*", "●•★✓✔◆■"), ("o", "○☆◇□✗✘"), (">", "›»▶▸►→❯"),
            ("<", "‹«◀◂◄←❮"), ("^", "▲▴↑"), ("v", "▼▾↓"), ("'", "‘’"), ("\"", "“”"), ("x", "×"),
            ("_", "▁▂▃▄"), (" ", "\u{A0}"),
        ]
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (substitute, scalars) in groups {
            for scalar in scalars.unicodeScalars { table[scalar] = substitute }
        }
        return table
    }()

    /// The character that looks most alike, or `?`.
    package static func of(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII { return scalar }
        if let substitute = substitutes[scalar] { return substitute }
        // A letter with an accent: its base.
        let base = String(scalar).unicodeScalars.first.map { scalarWithoutAccent($0) }
        return base ?? "?"
    }

    private static func scalarWithoutAccent(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let latin: [ClosedRange<UInt32>: Unicode.Scalar] = [
            0xC0...0xC5: "A", 0xC8...0xCB: "E", 0xCC...0xCF: "I", 0xD2...0xD6: "O", 0xD9...0xDC: "U",
            0xE0...0xE5: "a", 0xE8...0xEB: "e", 0xEC...0xEF: "i", 0xF2...0xF6: "o", 0xF9...0xFC: "u",
            0xC7...0xC7: "C", 0xE7...0xE7: "c", 0xD1...0xD1: "N", 0xF1...0xF1: "n",
        ]
        return latin.first { $0.key.contains(scalar.value) }?.value ?? "?"
    }
}
