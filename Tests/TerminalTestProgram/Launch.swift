import Glibc

/// Makes a device the terminal of a new session.
func takeTerminal(_ device: String) {
    setsid()
    let descriptor = open(device, O_RDWR)
    guard descriptor >= 0, ioctl(descriptor, UInt(TIOCSCTTY), 0) == 0 else { exit(71) }
    for target in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { dup2(descriptor, target) }
    if descriptor > STDERR_FILENO { close(descriptor) }
}

/// Becomes another program.
func run(_ command: [String]) -> Never {
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    if let program = words.first.flatMap({ $0 }) { execvp(program, &words) }
    exit(71)
}
