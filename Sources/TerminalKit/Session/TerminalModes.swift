/// Sequences that change how a terminal behaves, and those that change it back.
///
/// The numbers are xterm's private modes; terminals leave out those that they do not know.
enum TerminalModes {
    /// Mouse buttons, drags and the wheel (1000, 1002) with SGR coordinates (1006), focus (1004), bracketed paste
    /// (2004).
    static func on(usesMouse: Bool) -> String {
        (usesMouse ? "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h" : "") + "\u{1B}[?1004h\u{1B}[?2004h"
    }

    /// All of them off, and an unfinished picture or update ended.
    static let off =
        "\u{1B}\\\u{1B}[?2026l\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l\u{1B}[?1004l\u{1B}[?2004l"

    /// Standard colours and a visible cursor, which ncurses brings back when it ends in good order.
    static let standardText = "\u{1B}[0m\u{1B}[?25h"

    /// Keeps the window's title, and brings it back.
    static let (pushTitle, popTitle) = ("\u{1B}[22;2t", "\u{1B}[23;2t")

    /// Names the window.
    static func title(_ title: String) -> String { "\u{1B}]2;\(title)\u{1B}\\" }

    /// Takes the progress in the task bar away.
    static let clearProgress = "\u{1B}]9;4;0\u{1B}\\"

    /// Sets the number of colour registers for sixel.
    static func colorRegisters(_ count: Int) -> String { "\u{1B}[?1;3;\(count)S" }
}
