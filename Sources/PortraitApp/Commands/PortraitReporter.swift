import Foundation
import Imaging
import Portraits
import TerminalKit

/// Tells the user of a running job. The command line has one for terminals, pipes, programs and silence.
protocol PortraitReporter {
    mutating func report(_ event: PortraitEvent)
    /// A picture has been written.
    mutating func wrote(_ portrait: Portrait, file: URL)
    /// Nothing more follows; leaves the cursor on a fresh line.
    mutating func finish()
}

extension GenerateOptions {
    /// The reporter that fits the options and where the output goes.
    func reporter() -> any PortraitReporter {
        if prefersJSON { return JSONReporter() }
        if isQuiet { return QuietReporter() }
        return TextReporter(environment: ProcessInfo.processInfo.environment)
    }
}

/// Prints the files that were written and nothing else.
struct QuietReporter: PortraitReporter {
    func report(_ event: PortraitEvent) {}
    func wrote(_ portrait: Portrait, file: URL) { print(file.path) }
    func finish() {}
}

/// A progress bar on a terminal, a few lines elsewhere; progress on standard error, files on standard output. A
/// terminal that shows pictures shows the finished one.
struct TextReporter: PortraitReporter {
    /// A picture in the shell's scrollback takes at most this many rows.
    private static let pictureRows = 24

    private let environment: [String: String]
    private let terminal: TerminalCapabilities?
    private var progress: ProgressWriter

    init(environment: [String: String]) {
        self.environment = environment
        terminal = TerminalQuery.capabilities(environment: environment)
        let columns = terminal?.columns ?? 80
        let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        progress = ProgressWriter(to: isTerminal ? .terminal(columns: columns) : .file) { text in
            FileHandle.standardError.write(Data(text.utf8))
        }
    }

    mutating func report(_ event: PortraitEvent) {
        switch event {
        case .progress(let report):
            progress.show(
                ProgressReport(
                    stage: report.stage.title, step: report.step, of: report.of,
                    secondsPerStep: report.of > 1 && report.step > 0 ? report.stepSeconds : nil))
        case .notice(let sentence):
            progress.finish()
            FileHandle.standardError.write(Data("\(SafeText(sentence))\n".utf8))
        case .finished:
            progress.finish()
        }
    }

    mutating func wrote(_ portrait: Portrait, file: URL) {
        if let terminal, let bytes = picture(of: portrait, in: terminal) {
            FileHandle.standardOutput.write(Data(bytes))
        }
        let seconds = String(format: "%.1f", portrait.seconds)
        let likeness = portrait.likeness.map { ", \($0.sentence)" } ?? ""
        print("\(SafeText(file.path))  (seed \(portrait.settings.seed), \(seconds) s\(likeness))")
    }

    mutating func finish() {
        progress.finish()
    }

    /// The picture for this terminal; none when it cannot show any, which is no reason to fail a finished job.
    private func picture(of portrait: Portrait, in terminal: TerminalCapabilities) -> [UInt8]? {
        let image = portrait.image.addingOpacity()
        return try? InlinePicture.bytes(
            showing: PixelImage(width: image.width, height: image.height, rgba: image.pixels), in: terminal,
            columns: terminal.columns, rows: Self.pictureRows, environment: environment)
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
                    stage: progress.stage.rawValue, picture: progress.picture, step: progress.step,
                    of: progress.of,
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
