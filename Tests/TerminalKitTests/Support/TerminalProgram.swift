import Foundation
import Synchronization
import TerminalKit
import TestSupport
import Testing

/// The test program in a terminal that this process plays.
final class TerminalProgram: Sendable {
    struct Failed: Error {}

    private struct State {
        var screen: EmulatedScreen
        var profile: TerminalProfile
        var isOpen = true
    }

    private let state: Mutex<State>
    private let far: Int32
    private let near: Int32
    private let process: pid_t
    private let folder: TemporaryDirectory
    private let originalMode: [UInt8]
    private let ended = Mutex<Int32?>(nil)

    /// Starts the program.
    ///
    /// - Parameter command: what runs in the terminal instead.
    init(
        _ profile: TerminalProfile = .vt340, size: CellSize = CellSize(columns: 100, rows: 30),
        environment: [String: String] = [:], command: [String]? = nil
    ) throws {
        far = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // What unlockpt and ptsname do; Swift's Glibc module has neither of them.
        let (lock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        var (unlocked, index): (Int32, Int32) = (0, 0)
        guard far >= 0, ioctl(far, lock, &unlocked) == 0, ioctl(far, number, &index) == 0 else {
            throw Failed()
        }
        let device = "/dev/pts/\(index)"
        near = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard near >= 0 else { throw Failed() }
        folder = try TemporaryDirectory()
        state = Mutex(State(screen: EmulatedScreen(size: size), profile: profile))
        Self.setSize(far, size)
        originalMode = Self.mode(near)
        var variables = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        variables.merge(environment) { $1 }
        let program = try Self.executable()
        process = try Self.spawn(
            [program, "--tty", device, "--"] + (command ?? [program, "--show", folder.file("log")]),
            environment: variables)
        // Weakly, so that the terminal goes when its test ends.
        Thread.detachNewThread { [far, weak self] in
            while let self, self.play() {}
            close(far)
        }
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        close(near)
    }

    static func executable() throws -> String {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let program = folder.appendingPathComponent("terminal-test-program").path
        guard FileManager.default.isExecutableFile(atPath: program) else { throw Failed() }
        return program
    }

    // MARK: What the user sees and does

    var screen: EmulatedScreen { state.withLock { $0.screen } }

    var profile: TerminalProfile { state.withLock { $0.profile } }

    /// The events that the program has had, and what it said otherwise.
    var log: [String] {
        let data = FileManager.default.contents(atPath: folder.file("log")) ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    var logFile: String { folder.file("log") }

    /// Whether the terminal's mode is what it was before the program.
    var isModeRestored: Bool { Self.mode(near) == originalMode }

    func type(_ text: String) {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { write(far, $0.baseAddress, $0.count) }
    }

    func resize(_ size: CellSize) {
        state.withLock { $0.screen.resize(size) }
        Self.setSize(far, size)
    }

    func signal(_ number: Int32) {
        kill(process, number)
    }

    /// Closes the terminal, as a window that is closed.
    func hangUp() {
        state.withLock { $0.isOpen = false }
    }

    /// How the program ended: its exit status, or minus the signal; nil while it runs.
    var status: Int32? {
        ended.withLock { ended in
            if ended != nil { return ended }
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == process else { return nil }
            ended = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
            return ended
        }
    }

    /// Waits until something is so; 30 seconds are enough for any machine.
    @discardableResult func wait(
        for what: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: (TerminalProgram) -> Bool
    ) async throws -> Bool {
        for _ in 0..<3000 {
            if condition(self) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        let screen = screen
        Issue.record(
            "No \(what); screen:\n\(screen.text.joined(separator: "\n"))\nlog: \(log.suffix(20))",
            sourceLocation: sourceLocation)
        throw Failed()
    }

    /// Waits until the program has answered all keys so far.
    func settle(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let mark = "paste mark \(UInt64.random(in: 0 ... .max))"
        type("\u{1B}[200~\(mark.dropFirst(6))\u{1B}[201~")
        try await wait(for: "answer to a paste", sourceLocation: sourceLocation) { $0.screen.contains(mark) }
    }

    // MARK: The terminal

    /// Takes what the program writes for a while, and answers; false when the terminal is closed.
    private func play() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        for _ in 0..<20 {
            var event = pollfd(fd: far, events: Int16(POLLIN), revents: 0)
            guard state.withLock({ $0.isOpen }) else { return false }
            guard poll(&event, 1, 20) > 0 else { continue }
            let count = read(far, &buffer, buffer.count)
            if count < 0 && (errno == EINTR || errno == EIO) { continue }
            guard count > 0 else { return false }
            let (answer, delay, isDripping) = state.withLock { state in
                state.screen.feed(Array(buffer[..<count]))
                let questions = state.screen.takeQuestions()
                var answer = questions.isEmpty || state.profile.attributes == nil ? "" : state.profile.garbage
                for question in questions { answer += state.profile.answer(question) }
                return (answer, state.profile.delay, state.profile.isDripping)
            }
            if answer.isEmpty { continue }
            if delay == 0 {
                reply(answer, isDripping: isDripping)
            } else {
                Thread.detachNewThread {
                    usleep(UInt32(delay * 1000))
                    self.reply(answer, isDripping: isDripping)
                }
            }
        }
        return true
    }

    private func reply(_ answer: String, isDripping: Bool) {
        guard isDripping else { return send(Array(answer.utf8)) }
        for byte in answer.utf8 {
            send([byte])
            usleep(1000)
        }
    }

    private static func setSize(_ descriptor: Int32, _ size: CellSize) {
        var window = winsize(
            ws_row: UInt16(size.rows), ws_col: UInt16(size.columns), ws_xpixel: UInt16(size.columns * 10),
            ws_ypixel: UInt16(size.rows * 20))
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &window)
    }

    private static func mode(_ descriptor: Int32) -> [UInt8] {
        var mode = termios()
        _ = tcgetattr(descriptor, &mode)
        return withUnsafeBytes(of: mode) { Array($0) }
    }

    private static func spawn(_ command: [String], environment: [String: String]) throws -> pid_t {
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Test runners may block or ignore signals; a terminal's programs start without that.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        guard posix_spawn(&process, command[0], nil, &attributes, &words, &variables) == 0 else {
            throw Failed()
        }
        return process
    }
}
