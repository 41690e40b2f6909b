import Foundation
import Portraits

/// Tells the user of a running job. The command line has one for terminals, pipes, programs and silence.
protocol PortraitReporter: Sendable {
    func report(_ event: PortraitEvent)
    /// A picture has been written.
    func wrote(_ portrait: Portrait, file: URL)
    /// Nothing more follows; leaves the cursor on a fresh line.
    func finish()
}

extension GenerateOptions {
    /// The reporter that fits the options and where standard output goes.
    func reporter() -> any PortraitReporter {
        if prefersJSON { return JSONReporter() }
        if isQuiet { return QuietReporter() }
        return isatty(STDERR_FILENO) == 1 ? PlainReporter() : PlainReporter()
    }
}

/// Prints the files that were written and nothing else.
struct QuietReporter: PortraitReporter {
    func report(_ event: PortraitEvent) {}
    func wrote(_ portrait: Portrait, file: URL) { print(file.path) }
    func finish() {}
}

/// One line a stage and a step, for logs and pipes; progress on standard error, files on standard output.
struct PlainReporter: PortraitReporter {
    func report(_ event: PortraitEvent) {
        switch event {
        case .progress(let progress) where progress.of > 1 && progress.step > 0:
            let step = String(format: "%.2f", progress.stepSeconds)
            Self.line("\(progress.stage.title): step \(progress.step) of \(progress.of), \(step) s")
        case .progress(let progress) where progress.step == 0:
            Self.line(progress.stage.title)
        case .notice(let sentence):
            Self.line(sentence)
        case .progress, .finished:
            break
        }
    }

    func wrote(_ portrait: Portrait, file: URL) {
        print("\(file.path)  (seed \(portrait.settings.seed), \(String(format: "%.1f", portrait.seconds)) s)")
    }

    func finish() {}

    private static func line(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

/// One JSON object a line on standard output, for other programs.
struct JSONReporter: PortraitReporter {
    private struct Progress: Encodable {
        let event = "progress"
        let stage: String
        let picture: Int
        let step: Int
        let of: Int
        let elapsedSeconds: Double
        let stepSeconds: Double
    }

    private struct Notice: Encodable {
        let event = "notice"
        let text: String
    }

    private struct Finished: Encodable {
        let event = "finished"
        let file: String
        let seconds: Double
        let settings: PortraitSettings
    }

    func report(_ event: PortraitEvent) {
        switch event {
        case .progress(let progress):
            emit(
                Progress(
                    stage: progress.stage.rawValue, picture: progress.picture, step: progress.step, of: progress.of,
                    elapsedSeconds: progress.elapsedSeconds, stepSeconds: progress.stepSeconds))
        case .notice(let text):
            emit(Notice(text: text))
        case .finished:
            break
        }
    }

    func wrote(_ portrait: Portrait, file: URL) {
        emit(Finished(file: file.path, seconds: portrait.seconds, settings: portrait.settings))
    }

    func finish() {}

    private func emit(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(value) else { return }
        FileHandle.standardOutput.write(line + Data("\n".utf8))
    }
}
