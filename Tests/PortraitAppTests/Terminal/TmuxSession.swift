import Foundation
import TestSupport

/// The program in a terminal of its own: tmux plays the terminal, keys are typed and the screen is read.
///
/// All assertions wait until what they look for is there; how long that takes says nothing.
final class TmuxSession {
    /// A program that does nothing for so long is stuck.
    private static let patience = 120.0

    let folder: TemporaryDirectory
    private let socket = "facechain-\(UUID().uuidString.prefix(8))"

    static let house = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The program, which is built beside the tests.
    static let program = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent(
        "facechain")

    /// Opens a shell and runs the program in it, with a home of its own.
    ///
    /// The shell notes what `stty` says before, after and while the program is suspended; a suspended program goes on
    /// when Enter is typed.
    init(columns: Int, rows: Int, arguments: [String]) throws {
        folder = try TemporaryDirectory()
        let line = ([Self.program.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let start = """
            echo $$ > '\(folder.path)/process'
            exec \(line)
            """
        let script = """
            export HOME='\(folder.path)' LC_ALL=C.UTF-8 FACECHAIN_HOME='\(Self.house.path)'
            unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME XDG_CACHE_HOME NO_COLOR
            stty -g > '\(folder.path)/before'
            set -m
            sh '\(folder.path)/start.sh'
            code=$?
            while [ $code -eq \(128 + SIGTSTP) ]; do
                stty -g > '\(folder.path)/suspended'
                echo "the program is suspended"
                read answer
                fg > '\(folder.path)/jobs'
                code=$?
            done
            echo $code > '\(folder.path)/code'
            stty -g > '\(folder.path)/after'
            echo "the program has ended"
            exec sleep 1000
            """
        try folder.write(Data(start.utf8), to: "start.sh")
        try folder.write(Data(script.utf8), to: "run.sh")
        try tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
            "sh \(folder.path)/run.sh")
    }

    deinit { _ = try? tmux("kill-server") }

    /// What the screen shows.
    var screen: String { (try? tmux("capture-pane", "-p")) ?? "" }

    /// What tmux says of the terminal by a format such as `#{cursor_flag}`.
    func state(_ format: String) throws -> String {
        try tmux("display-message", "-p", format).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The process of the program.
    var process: pid_t {
        get throws {
            let text = try contents(of: "process")
            guard let number = pid_t(text) else { throw TerminalProblem("'\(text)' is no process") }
            return number
        }
    }

    /// Types keys by tmux's names, such as `g`, `Enter`, `C-p`.
    func press(_ keys: String...) throws {
        for key in keys { try tmux("send-keys", key) }
    }

    /// Presses Escape and waits until what it closes is gone: a key right behind it would count as Alt and that key.
    func escape(from text: String) throws {
        try press("Escape")
        try wait(until: { !self.screen.contains(text) }, for: "the end of '\(text)'")
    }

    /// Types text as it is.
    func type(_ text: String) throws { try tmux("send-keys", "-l", text) }

    func resize(columns: Int, rows: Int) throws {
        try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// Waits until the screen shows a text.
    func waitFor(_ text: String) throws { try wait(until: { self.screen.contains(text) }, for: "'\(text)'") }

    /// Waits until something holds.
    func wait(until holds: () throws -> Bool, for what: String) throws {
        let end = Date() + Self.patience
        while Date() < end {
            if try holds() { return }
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw TerminalProblem("Waited in vain for \(what); the screen shows\n\(screen)")
    }

    /// A file the shell wrote.
    func contents(of name: String) throws -> String {
        try String(contentsOfFile: folder.file(name), encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    @discardableResult private func tmux(_ arguments: String...) throws -> String {
        try Child.run(["tmux", "-L", socket] + arguments, answer: folder.file("answer"))
    }
}
