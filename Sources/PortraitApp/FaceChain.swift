import Foundation
import Portraits
import TerminalKit

/// The program: picks the subcommand, and turns every error into one sentence and an exit code.
public enum FaceChain {
    /// Runs the program with the arguments behind its name.
    ///
    /// - Returns: the exit code: 0 done, 1 something was wrong with a file or the machine, 2 the command line was not
    ///   understood, 130 interrupted.
    public static func run(_ arguments: [String]) async -> Int32 {
        do {
            try await dispatch(arguments)
            return 0
        } catch let error as UsageError {
            complain(error.description)
            return 2
        } catch is CancellationError {
            complain("Interrupted; nothing was written.")
            return 130
        } catch {
            complain(ErrorSentence.of(error))
            return 1
        }
    }

    private static func dispatch(_ arguments: [String]) async throws {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "generate": try await GenerateCommand.run(rest)
        case "styles": try StylesCommand.run(rest)
        case "version", "--version": VersionCommand.run()
        case nil, "help", "--help", "-h": print(HelpText.overview)
        case let command?:
            throw UsageError("There is no command '\(command)'; 'facechain help' lists them.")
        }
    }

    private static func complain(_ sentence: String) {
        FileHandle.standardError.write(Data("facechain: \(SafeText(sentence))\n".utf8))
    }
}
