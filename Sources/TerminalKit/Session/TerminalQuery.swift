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
        let replies = TerminalReplies(ask(descriptor, timeoutMilliseconds: timeoutMilliseconds))
        var size = winsize()
        _ = ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return TerminalCapabilities(
            replies: replies, columns: Int(size.ws_col), rows: Int(size.ws_row),
            windowSize: TerminalReplies.PixelSize(width: Int(size.ws_xpixel), height: Int(size.ws_ypixel)),
            environment: environment)
    }

    private static func ask(_ descriptor: Int32, timeoutMilliseconds: Int) -> [UInt8] {
        var saved = termios()
        guard tcgetattr(descriptor, &saved) == 0 else { return [] }
        var quiet = saved
        // Without ISIG, so that Ctrl-C cannot end the process while the terminal is quiet.
        quiet.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        withUnsafeMutableBytes(of: &quiet.c_cc) { keys in
            keys[Int(VMIN)] = 0
            keys[Int(VTIME)] = 0
        }
        guard tcsetattr(descriptor, TCSANOW, &quiet) == 0 else { return [] }
        let bytes = exchange(descriptor, timeoutMilliseconds: timeoutMilliseconds)
        // Replies that come late must not become input of the shell.
        let isComplete = TerminalReplies(bytes).deviceAttributes != nil
        tcsetattr(descriptor, isComplete ? TCSANOW : TCSAFLUSH, &saved)
        if bytes.contains(3) { kill(getpid(), SIGINT) }
        return bytes
    }

    private static func exchange(_ descriptor: Int32, timeoutMilliseconds: Int) -> [UInt8] {
        let questions = Array(TerminalReplies.questions.utf8)
        guard write(descriptor, questions, questions.count) == questions.count else { return [] }
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(timeoutMilliseconds)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while TerminalReplies(received).deviceAttributes == nil, received.count < 4096 {
            let remaining = (deadline - clock.now) / .milliseconds(1)
            guard remaining > 0 else { break }
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&event, 1, Int32(remaining.rounded(.up)))
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { break }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return received
    }
}
