/// How far a long piece of work has come.
public struct ProgressReport: Sendable, Equatable {
    /// What is being done, such as "Denoising".
    public let stage: String
    /// Steps done, 0...`stepCount`.
    public let step: Int
    /// Steps in all; at least 1.
    public let stepCount: Int
    /// How long one step takes, once known.
    public let secondsPerStep: Double?

    /// Makes a report.
    public init(stage: String, step: Int, of stepCount: Int, secondsPerStep: Double?) {
        precondition(stepCount > 0 && (0...stepCount).contains(step), "Step \(step) of \(stepCount)")
        self.stage = stage
        self.step = step
        self.stepCount = stepCount
        self.secondsPerStep = secondsPerStep
    }

    /// Seconds until the stage ends.
    var secondsLeft: Double? { secondsPerStep.map { $0 * Double(stepCount - step) } }
}

/// One line of text for a `ProgressReport`.
public enum ProgressLine {
    private static let widestBar = 30
    private static let narrowestBar = 8

    /// The line for a terminal, at most `width` cells.
    ///
    ///     Denoising  ████████████░░░░░░░░  12/20  1.25 s/step  ETA 0:10
    ///
    /// Where there is no room, first the seconds per step, then the bar, then the time left go.
    public static func bar(_ report: ProgressReport, width: Int) -> String {
        let stage = SafeText(report.stage).description
        let count = "\(report.step)/\(report.stepCount)"
        let eta = report.secondsLeft.map { "ETA \(clock($0))" }
        let pace = report.secondsPerStep.map(perStep)
        for extras in [[count, pace, eta], [count, eta]] {
            let parts = extras.compactMap { $0 }
            let room = width - CellWidth.of(stage) - 2 - parts.reduce(0) { $0 + $1.count + 2 }
            if room >= narrowestBar {
                return ([stage, blocks(report, width: min(room, widestBar))] + parts).joined(separator: "  ")
            }
        }
        let lines = [[stage, count, eta], [stage, count]].map { $0.compactMap { $0 }.joined(separator: "  ") }
        let fitting = lines.first { CellWidth.of($0) <= width }
        return fitting ?? SafeText(lines[1]).truncated(toCells: max(width, 0))
    }

    /// The line for a file or pipe: `Denoising 12/20, 1.25 s/step, 0:10 left`.
    public static func plain(_ report: ProgressReport) -> String {
        let stage = SafeText(report.stage).description
        let left = report.secondsLeft.map { "\(clock($0)) left" }
        let parts = ["\(stage) \(report.step)/\(report.stepCount)", report.secondsPerStep.map(perStep), left]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    private static func blocks(_ report: ProgressReport, width: Int) -> String {
        let full = width * report.step / report.stepCount
        return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    }

    /// `0:07`, `12:30`, `1:02:03`; rounded up, so that the last second is not 0:00.
    private static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 360_000 else { return "-:--" }
        let total = Int(max(seconds, 0).rounded(.up))
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return hours > 0
            ? "\(hours):\(twoDigits(minutes)):\(twoDigits(rest))" : "\(minutes):\(twoDigits(rest))"
    }

    /// Three digits: `0.04 s/step`, `1.25 s/step`, `12.5 s/step`, `250 s/step`.
    private static func perStep(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e6 else { return "- s/step" }
        let decimals = seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0
        let scale = [1, 10, 100][decimals]
        let scaled = Int((seconds * Double(scale)).rounded())
        guard decimals > 0 else { return "\(scaled) s/step" }
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(scaled / scale).\(zeros)\(fraction) s/step"
    }
}

/// Shows reports one after another: in one line of a terminal, or as few lines of a file.
public struct ProgressWriter {
    /// Where the reports go.
    public enum Destination: Sendable, Equatable {
        /// A terminal so many cells wide.
        case terminal(columns: Int)
        /// A file or pipe.
        case file
    }

    private let destination: Destination
    private let write: (String) -> Void
    private var shown: (stage: String, tenth: Int)?
    private var hasOpenLine = false

    /// Makes a writer; `write` sends text to the destination.
    public init(to destination: Destination, write: @escaping (String) -> Void) {
        self.destination = destination
        self.write = write
    }

    /// Shows a report.
    ///
    /// A file gets the first and last of each stage and about ten between.
    public mutating func show(_ report: ProgressReport) {
        let tenth = report.step * 10 / report.stepCount
        let isNewStage = shown?.stage != report.stage
        switch destination {
        case .terminal(let columns):
            if isNewStage { finish() }
            // The last column stays free: some terminals wrap as soon as it is written.
            write("\r\(ProgressLine.bar(report, width: columns - 1))\u{1B}[K")
            hasOpenLine = true
        case .file:
            if isNewStage || shown?.tenth != tenth { write(ProgressLine.plain(report) + "\n") }
        }
        shown = (report.stage, tenth)
    }

    /// Ends the line, so that other text can follow.
    public mutating func finish() {
        if hasOpenLine { write("\n") }
        hasOpenLine = false
        shown = nil
    }
}
