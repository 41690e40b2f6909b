import Glibc

/// The terminal's device file: bytes in, bytes out, mode and size.
final class TerminalDevice {
    let descriptor: Int32
    /// The mode before anything was changed.
    let originalMode: termios
    /// Whether the terminal has gone away.
    private(set) var isGone = false
    private var received: [UInt8] = []

    /// Opens the controlling terminal; reading and writing never block.
    init() throws(TerminalError) {
        let device = "/dev/tty"
        descriptor = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .cannotOpen(device: device, reason: String(cString: strerror(errno)))
        }
        var mode = termios()
        guard tcgetattr(descriptor, &mode) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw .cannotOpen(device: device, reason: reason)
        }
        originalMode = mode
    }

    deinit { Glibc.close(descriptor) }

    /// Whether the shell has put this process in front.
    var isForeground: Bool { tcgetpgrp(descriptor) == getpgrp() }

    /// Columns, rows and pixels of the window; 80 x 24 where the system does not know.
    var windowSize: (cells: CellSize, pixels: TerminalReplies.PixelSize) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (CellSize(columns: 80, rows: 24), .init(width: 0, height: 0))
        }
        return (
            CellSize(columns: Int(size.ws_col), rows: Int(size.ws_row)),
            .init(width: Int(size.ws_xpixel), height: Int(size.ws_ypixel))
        )
    }

    /// Sets the mode in which each byte comes at once and as it is.
    func makeRaw() {
        var mode = originalMode
        mode.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON | PARMRK)
        mode.c_cflag = mode.c_cflag & ~tcflag_t(CSIZE | PARENB) | tcflag_t(CS8)
        mode.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | IEXTEN | ISIG)
        withUnsafeMutableBytes(of: &mode.c_cc) { keys in
            keys[Int(VMIN)] = 1
            keys[Int(VTIME)] = 0
        }
        tcsetattr(descriptor, TCSADRAIN, &mode)
    }

    /// Sets the mode that was there before.
    ///
    /// - Parameter dropsInput: whether what has come and was not read goes.
    func restoreMode(dropsInput: Bool) {
        var mode = originalMode
        tcsetattr(descriptor, dropsInput ? TCSAFLUSH : TCSADRAIN, &mode)
    }

    /// Writes all bytes, however slow the terminal is.
    ///
    /// Reads meanwhile: a terminal that cannot get rid of its own bytes may stop to take ours.
    func write(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count && !isGone {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                start += count
            } else if count < 0 && errno == EAGAIN {
                var event = pollfd(fd: descriptor, events: Int16(POLLOUT | POLLIN), revents: 0)
                _ = poll(&event, 1, 1000)
                if event.revents & Int16(POLLHUP | POLLERR) != 0 { isGone = true }
                if event.revents & Int16(POLLIN) != 0 { receive() }
            } else if count < 0 && errno != EINTR {
                isGone = true
            }
        }
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    /// Whether bytes came during a long write.
    var hasBufferedInput: Bool { !received.isEmpty }

    /// Whether bytes wait to be read.
    var hasInput: Bool {
        if !received.isEmpty { return true }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 0) > 0 && event.revents & Int16(POLLIN) != 0
    }

    /// What has come.
    func takeInput() -> [UInt8] {
        receive()
        defer { received = [] }
        return received
    }

    private func receive() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // One round is bounded, so that a flood cannot keep the program from everything else.
        for _ in 0..<16 {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                received += buffer[..<count]
                if count < buffer.count { return }
            } else if count < 0 && errno == EINTR {
                continue
            } else {
                if count == 0 || errno != EAGAIN { isGone = true }
                return
            }
        }
    }
}
