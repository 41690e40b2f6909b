/// Why a terminal cannot be used for full screens.
public enum TerminalError: Error, Equatable, CustomStringConvertible {
    /// Standard input or output is a file or pipe.
    case notATerminal(stream: String)
    /// `TERM` names a terminal that cannot move its cursor, or none.
    case tooSimple(term: String)
    /// The terminal's device cannot be opened.
    case cannotOpen(device: String, reason: String)
    /// Neither the terminal's entry in the terminfo database nor one of those it resembles is installed.
    case noDescription(term: String)
    /// The process is in the background of its shell.
    case inBackground
    /// There is a session already; a process has one terminal.
    case alreadyOpen
    /// A file for messages cannot be opened.
    case cannotLog(file: String, reason: String)

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .notATerminal(let stream):
            "Standard \(stream) is not a terminal, so no screen can be shown there."
        case .tooSimple(let term):
            "TERM is \"\(SafeText(term))\", a terminal without full screens. "
                + "In a terminal window, set TERM to what it is, such as xterm-256color."
        case .cannotOpen(let device, let reason):
            "The terminal \(SafeText(device)) cannot be opened: \(reason)."
        case .noDescription(let term):
            "The terminfo database has no entry for \"\(SafeText(term))\", nor for xterm. "
                + "Install the package ncurses-base, or set TERMINFO to the folder of your entries."
        case .inBackground:
            "The program runs in the background; bring it to the front with `fg`."
        case .alreadyOpen:
            "This process shows a screen already."
        case .cannotLog(let file, let reason):
            "Messages cannot be written to \(SafeText(file)): \(reason)."
        }
    }
}
