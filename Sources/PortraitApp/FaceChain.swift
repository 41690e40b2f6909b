import Dispatch
import Foundation
import Portraits
import TerminalKit

/// The program: picks the subcommand, and turns every error into one sentence and an exit code.
public enum FaceChain {
    /// Runs the program with the arguments behind its name and ends the process.
    ///
    /// The application keeps the main thread, which ncurses and signals want; the other commands are asynchronous.
    public static func main(_ arguments: [String]) -> Never {
        if commandLine(arguments).name == "browse" {
            end(exitCode { try BrowseCommand.run(commandLine(arguments).rest) })
        }
        Task { end(await run(arguments)) }
        dispatchMain()
    }

    /// Ends the process at once. `exit` would let libraries take their memory down, OpenBLAS its buffers, under a portrait that
    /// is still being painted.
    private static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    /// Runs the program with the arguments behind its name.
    ///
    /// - Returns: the exit code: 0 done, 1 something was wrong with a file or the machine, 2 the command line was not
    ///   understood or the application found no terminal, 130 interrupted.
    public static func run(_ arguments: [String]) async -> Int32 {
        do {
            let (name, rest) = commandLine(arguments)
            guard let command = Subcommand.all.first(where: { $0.name == name }) else {
                throw UsageError("There is no command '\(name)'; 'facechain help' lists them.")
            }
            try await command.run(rest)
            return 0
        } catch {
            return exitCode(of: error)
        }
    }

    /// The subcommand and its arguments; options without a subcommand are the application's.
    private static func commandLine(_ arguments: [String]) -> (name: String, rest: [String]) {
        switch arguments.first {
        case "--version": ("version", [])
        case "--help", "-h": ("help", [])
        case let name? where !name.hasPrefix("-"): (name, Array(arguments.dropFirst()))
        default: ("browse", arguments)
        }
    }

    private static func exitCode(_ body: () throws -> Void) -> Int32 {
        do {
            try body()
            return 0
        } catch {
            return exitCode(of: error)
        }
    }

    /// Tells the user what was wrong.
    private static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case let error as UsageError:
            complain(error.description)
            return 2
        case is CancellationError:
            complain("Interrupted; nothing was written.")
            return 130
        default:
            complain(ErrorSentence.of(error))
            return 1
        }
    }

    private static func complain(_ sentence: String) {
        FileHandle.standardError.write(Data("facechain: \(SafeText(sentence))\n".utf8))
    }
}
