import Glibc

/// Standard error, and output if it is a terminal, in a file while a screen is shown: libraries write there.
final class ErrorLog {
    /// Where standard error goes otherwise.
    let savedError: Int32
    /// Where standard output goes otherwise; -1 if it is not changed.
    let savedOutput: Int32
    /// The file.
    let path: String?
    private let log: Int32

    init(file: String?) throws(TerminalError) {
        self.path = file
        let path = file ?? "/dev/null"
        log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw .cannotLog(file: path, reason: String(cString: strerror(errno))) }
        savedError = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        savedOutput = isatty(STDOUT_FILENO) == 1 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : -1
        redirect()
    }

    deinit {
        close(log)
        if savedError >= 0 { close(savedError) }
        if savedOutput >= 0 { close(savedOutput) }
    }

    /// Messages go to the file.
    func redirect() {
        if savedError >= 0 { dup2(log, STDERR_FILENO) }
        if savedOutput >= 0 { dup2(log, STDOUT_FILENO) }
    }

    /// Messages go where they went before.
    func restore() {
        fflush(nil)
        if savedError >= 0 { dup2(savedError, STDERR_FILENO) }
        if savedOutput >= 0 { dup2(savedOutput, STDOUT_FILENO) }
    }
}
