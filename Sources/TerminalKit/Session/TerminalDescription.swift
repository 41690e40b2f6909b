import Glibc

/// An entry of the terminfo database, compiled, for ncurses to work with.
package struct TerminalDescription {
    /// The name under which the entry was found.
    package let name: String
    /// The compiled entry.
    package let entry: [UInt8]

    /// Scrolling in regions, inserting and deleting lines: string capabilities csr, ri, indn, ind, rin, dl1, il1,
    /// dl, il, el1 by their place in the compiled form (term.h).
    ///
    /// With them ncurses moves lines of text, and pictures beside the text would move along.
    private static let scrollingStrings = [3, 129, 130, 109, 113, 22, 53, 106, 110, 269]

    /// The entry for a terminal, or one for a terminal that understands the same.
    package static func find(term: String, environment: [String: String]) -> TerminalDescription? {
        for name in names(for: term, environment: environment) {
            for folder in folders(environment) {
                for path in paths(of: name, in: folder) {
                    if let entry = contents(path) {
                        return TerminalDescription(name: name, entry: entry)
                    }
                }
            }
        }
        return nil
    }

    /// The entry without what would move pictures, as a value of `TERMINFO` (terminfo(5)); nil if the entry has
    /// a form that we do not know.
    package func withoutScrolling() -> String? {
        var bytes = entry
        guard bytes.count >= 12 else { return nil }
        func number(at offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
        // Octal 432: numbers of 2 bytes; 1036: of 4 (term(5)).
        guard let numberSize = [0o432: 2, 0o1036: 4][number(at: 0)] else { return nil }
        let flagEnd = 12 + number(at: 2) + number(at: 4)
        let strings = flagEnd + flagEnd % 2 + number(at: 6) * numberSize
        let stringCount = number(at: 8)
        guard strings + stringCount * 2 <= bytes.count else { return nil }
        for index in Self.scrollingStrings where index < stringCount {
            bytes[strings + index * 2] = 0xFF
            bytes[strings + index * 2 + 1] = 0xFF
        }
        return "b64:" + String(decoding: Base64.encode(bytes), as: UTF8.self)
    }

    private static func names(for term: String, environment: [String: String]) -> [String] {
        let isColorful =
            term.contains("256color") || term.contains("direct") || environment["COLORTERM"] != nil
            || ["foot", "kitty", "alacritty", "wezterm", "ghostty", "mlterm", "contour", "vt340"]
                .contains { term.contains($0) }
        let isMultiplexer = term.hasPrefix("tmux") || term.hasPrefix("screen")
        let similar =
            (isMultiplexer ? ["screen-256color", "screen"] : []) + (isColorful ? ["xterm-256color"] : [])
        return ([term] + similar + ["xterm", "vt100"]).filter { !$0.contains("/") && !$0.hasPrefix(".") }
    }

    /// Where ncurses looks, and where the systems that it may run on keep their entries.
    private static func folders(_ environment: [String: String]) -> [String] {
        let own = [environment["TERMINFO"], environment["HOME"].map { $0 + "/.terminfo" }].compactMap { $0 }
        let listed = environment["TERMINFO_DIRS"]?.split(separator: ":").map(String.init) ?? []
        return own + listed + [
            "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo",
            "/usr/local/share/terminfo",
        ]
    }

    private static func paths(of name: String, in folder: String) -> [String] {
        guard let first = name.utf8.first else { return [] }
        return ["\(folder)/\(name.prefix(1))/\(name)", "\(folder)/\(String(first, radix: 16))/\(name)"]
    }

    /// A whole file, unless it is larger than ncurses takes.
    private static func contents(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 32769)
        let count = read(descriptor, &bytes, bytes.count)
        return (12..<bytes.count).contains(count) ? Array(bytes[..<count]) : nil
    }
}
