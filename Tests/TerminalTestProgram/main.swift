// A small full-screen program for the tests of TerminalKit, which play the terminal and press its keys.
//
//     terminal-test-program --tty /dev/pts/5 [--] program arguments...   takes the terminal as its own, then runs
//     terminal-test-program --show LOG                                   shows a list and a picture
import Glibc

let arguments = CommandLine.arguments
if arguments.count > 3, arguments[1] == "--tty" {
    takeTerminal(arguments[2])
    run(Array(arguments.dropFirst(arguments[3] == "--" ? 4 : 3)))
} else if arguments.count == 3, arguments[1] == "--show" {
    exit(show(log: arguments[2]))
} else {
    exit(64)
}
