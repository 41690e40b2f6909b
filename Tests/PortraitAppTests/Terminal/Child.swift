import Foundation

/// Other programs that tests need.
///
/// Foundation's `Process` would wait for their servers too, which keep for ever open what they inherit.
enum Child {
    /// Starts a program with its output in a file.
    static func start(
        _ words: [String], output: String, environment: [String: String] = [:]
    ) throws -> pid_t {
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_TRUNC, 0)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var arguments = words.map { strdup($0) } + [nil]
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var variables = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var process = pid_t()
        guard posix_spawnp(&process, words[0], &actions, nil, &arguments, &variables) == 0 else {
            throw TerminalProblem("\(words[0]) is not installed")
        }
        return process
    }

    /// Waits for the end of a program.
    static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    /// Whether a program has ended; it can still be waited for.
    static func hasEnded(_ process: pid_t) -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
            && information.si_signo == SIGCHLD
    }

    /// Runs a program to its end and returns its output, which goes through a file.
    @discardableResult static func run(
        _ words: [String], answer: String, environment: [String: String] = [:]
    ) throws -> String {
        let status = wait(for: try start(words, output: answer, environment: environment))
        let text = try String(contentsOfFile: answer, encoding: .utf8)
        guard status == 0 else { throw TerminalProblem("\(words.joined(separator: " ")): \(text)") }
        return text
    }
}

/// What went wrong, with the screen at that moment.
struct TerminalProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
