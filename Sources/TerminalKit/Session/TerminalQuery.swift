import CTerminal
import Glibc

/// Asks the terminal of this process.
public enum TerminalQuery {
    /// How long to wait for replies, in milliseconds.
    ///
    /// A terminal that is slower counts as one without graphics.
    public static let timeoutMilliseconds = 150

    /// What the controlling terminal can do.
    ///
    /// - Returns: nil unless standard input and output are terminals, `TERM` names one that understands
    ///   questions, and this process is in the foreground.
    public static func capabilities(environment: [String: String]) -> TerminalCapabilities? {
        let term = environment["TERM"] ?? ""
        let isMute = ["", "dumb", "linux"].contains(term) || term.hasPrefix("emacs")
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, !isMute else { return nil }
        let descriptor = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // In the background, changing the terminal's mode would stop the process.
        guard tcgetpgrp(descriptor) == getpgrp() else { return nil }
        return capabilities(
            of: descriptor, timeoutMilliseconds: timeoutMilliseconds, environment: environment)
    }

    /// What the terminal behind an open descriptor can do.
    ///
    /// Its mode is the same afterwards as before.
    package static func capabilities(
        of descriptor: Int32, timeoutMilliseconds: Int, environment: [String: String]
    ) -> TerminalCapabilities {
        let replies = ask(descriptor, timeoutMilliseconds: timeoutMilliseconds, environment: environment)
        var size = winsize()
        _ = ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return TerminalCapabilities(
            replies: replies, columns: Int(size.ws_col), rows: Int(size.ws_row),
            windowSize: TerminalReplies.PixelSize(width: Int(size.ws_xpixel), height: Int(size.ws_ypixel)),
            isUnicode: facechain_terminal_use_locale(), environment: environment)
    }

    private static func ask(
        _ descriptor: Int32, timeoutMilliseconds: Int, environment: [String: String]
    ) -> TerminalReplies {
        var saved = termios()
        guard tcgetattr(descriptor, &saved) == 0 else { return TerminalReplies() }
        var quiet = saved
        // Without ISIG, so that Ctrl-C cannot end the process while the terminal is quiet.
        quiet.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        withUnsafeMutableBytes(of: &quiet.c_cc) { keys in
            keys[Int(VMIN)] = 0
            keys[Int(VTIME)] = 0
        }
        guard tcsetattr(descriptor, TCSANOW, &quiet) == 0 else { return TerminalReplies() }
        var exchange = Exchange(descriptor: descriptor, timeoutMilliseconds: timeoutMilliseconds)
        exchange.ask(TerminalReplies.questions)
        if exchange.isComplete, let question = exchange.replies.kittyQuestion(environment: environment) {
            exchange.ask(question + TerminalReplies.lastQuestion)
        }
        // Replies that come late must not become input of the shell.
        tcsetattr(descriptor, exchange.isComplete ? TCSANOW : TCSAFLUSH, &saved)
        if exchange.wasInterrupted { kill(getpid(), SIGINT) }
        return exchange.replies
    }
}

/// Questions and answers within a time.
private struct Exchange {
    let descriptor: Int32
    private(set) var replies = TerminalReplies()
    /// Whether the last question has been answered.
    private(set) var isComplete = false
    /// Whether Ctrl-C was pressed.
    private(set) var wasInterrupted = false
    private var parser = InputParser()
    private let clock = ContinuousClock()
    private let deadline: ContinuousClock.Instant

    init(descriptor: Int32, timeoutMilliseconds: Int) {
        self.descriptor = descriptor
        deadline = clock.now + .milliseconds(timeoutMilliseconds)
    }

    mutating func ask(_ questions: String) {
        isComplete = false
        let bytes = Array(questions.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { return }
        var buffer = [UInt8](repeating: 0, count: 256)
        // The bound keeps a terminal that floods us from being read for ever.
        for _ in 0..<64 where !isComplete {
            let remaining = (deadline - clock.now) / .milliseconds(1)
            guard remaining > 0 else { return }
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&event, 1, Int32(remaining.rounded(.up)))
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { return }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            take(parser.feed(buffer[..<count]))
        }
    }

    private mutating func take(_ items: [InputParser.Item]) {
        for item in items {
            switch item {
            case .reply(let reply):
                replies.add(reply)
                if case .deviceAttributes = reply { isComplete = true }
            case .event(.key(Key(.character("c"), isControl: true))): wasInterrupted = true
            case .event: break
            }
        }
    }
}
