import Foundation
import Portraits
import TerminalKit

extension Canvas {
    /// With less room a checklist's titles and details share their lines.
    private static let checklistColumns = 54

    mutating func drawPreview(in rect: CellRect) {
        let job = state.queue.running
        let inner = box(.preview, in: rect, title: previewTitle(job), note: memoryNote)
        if let job {
            drawRunning(job, in: inner)
        } else if let item = state.shownItem {
            drawFinished(item, in: inner)
        } else {
            drawWelcome(in: inner)
        }
    }

    private var memoryNote: String { state.memoryBytes > 0 ? Phrases.bytes(state.memoryBytes) : "" }

    private func previewTitle(_ job: Job?) -> String {
        if let job { return "Painting: \(job.title)" }
        if state.preview.showsPhoto, state.shownItem != nil { return "Before: the photo" }
        return "Preview"
    }

    // MARK: While painting

    private mutating func drawRunning(_ job: Job, in rect: CellRect) {
        let statusRows = rect.rows > 12 ? 4 : min(3, rect.rows / 3)
        let (area, status) = rect.splitRows(bottom: statusRows)
        let key = PictureKey.live(job: job.id)
        if state.pictures[key] != nil {
            picture(key, in: area)
        } else {
            centered(job.progress.currentStage?.title ?? "Waiting for the engine", in: area, theme.faint)
        }
        drawProgress(of: job, in: status.inset(columns: 1, rows: 0))
    }

    private mutating func drawProgress(of job: Job, in rect: CellRect) {
        let progress = job.progress
        let numbers = Self.numbers(of: progress)
        let width = max(0, rect.columns - CellWidth.of(numbers) - 2)
        bar(progress.fraction, in: rect, width: width)
        writeRight(numbers, in: rect, theme.accent)
        var row = 1 + drawStages(of: job, in: rect.splitRows(top: 1).bottom.splitRows(top: 2).top)
        guard row < rect.rows else { return }
        let pictures =
            progress.pictureCount > 1 ? "picture \(progress.picture) of \(progress.pictureCount), " : ""
        write("\(pictures)\(Phrases.duration(progress.elapsed)) so far", in: rect, row: row, theme.faint)
        row += 1
        if let notice = job.notices.last { write(notice, in: rect, row: row, theme.warning) }
    }

    private static func numbers(of progress: JobProgress) -> String {
        guard let denoising = progress.denoising else { return "" }
        let step = "\(denoising.step)/\(denoising.of)"
        guard let pace = progress.secondsPerStep, let left = progress.secondsLeft else { return step }
        return "\(step)  \(Phrases.seconds(pace))/step  \(Phrases.duration(left)) left"
    }

    /// The stages with their times, over two lines if they need them; the present one is always seen.
    ///
    /// - Returns: the rows used.
    private mutating func drawStages(of job: Job, in rect: CellRect) -> Int {
        if job.status == .stopping {
            write("Stopping at the end of this block…", in: rect, theme.warning)
            return 1
        }
        var pieces = job.progress.stages.map(Self.stagePiece)
        let width = { (piece: (mark: String, text: String)) in CellWidth.of(piece.mark + piece.text) + 2 }
        while pieces.reduce(0, { $0 + width($1) }) > rect.columns * rect.rows - 12, pieces.count > 1 {
            pieces.removeFirst()
        }
        var (row, column) = (0, 0)
        for piece in pieces {
            if column > 0, column + width(piece) > rect.columns + 2 { (row, column) = (row + 1, 0) }
            let isDone = piece.mark == "✓ "
            column =
                write(
                    [
                        (piece.mark, isDone ? theme.good : theme.accent),
                        (piece.text, isDone ? theme.faint : theme.text),
                    ],
                    in: rect, row: row, column: column) + 2
        }
        return row + 1
    }

    private static func stagePiece(_ stage: JobProgress.Stage) -> (mark: String, text: String) {
        let time = stage.seconds > 0 ? " \(Phrases.seconds(stage.seconds))" : ""
        return (stage.isDone ? "✓ " : "▸ ", "\(stage.stage.rawValue)\(time)")
    }

    // MARK: Between jobs

    private mutating func drawFinished(_ item: GalleryItem, in rect: CellRect) {
        let (area, text) = rect.splitRows(bottom: rect.rows > 8 ? 2 : 1)
        if state.preview.showsPhoto, let photo = state.choices.photos.first {
            picture(.file(photo, side: 1024), in: area)
        } else if state.preview.zoom.level > 0 {
            picture(.part(item.id, zoom: state.preview.zoom, side: 1024), in: area)
        } else {
            picture(.file(item.id, side: 1024), in: area)
        }
        let lines = text.inset(columns: 1, rows: 0)
        write(item.file.lastPathComponent, in: lines, theme.label)
        guard let settings = item.settings else { return }
        if let likeness = settings.likeness { writeRight("\(likeness.sentence) ", in: lines, theme.label) }
        write(
            "\(settings.style ?? "no style"), seed \(settings.seed), \(settings.steps) steps, \(settings.samplerName), \(settings.width)x\(settings.height)",
            in: lines, row: 1, theme.faint)
    }

    /// Nothing painted yet: what is there, what is missing, and what to press.
    private mutating func drawWelcome(in rect: CellRect) {
        let area = rect.inset(columns: 2, rows: rect.rows > 14 ? 1 : 0)
        var row = 0
        let key = keyName(of: "generate")
        write(
            state.isReady ? "Ready: \(key) makes a portrait." : "Something is missing:", in: area, theme.label
        )
        row += 2
        for item in state.checklist where row < area.rows {
            row += drawChecklistItem(item, in: area, row: row)
        }
    }

    /// - Returns: the rows used.
    mutating func drawChecklistItem(_ item: ChecklistItem, in rect: CellRect, row: Int) -> Int {
        let (mark, style) = look(of: item.status)
        write(mark, in: rect, row: row, style)
        let text = rect.splitColumns(left: 2).right
        let detailStyle = item.status == .missing ? theme.failure : theme.text
        guard text.columns >= Self.checklistColumns else {
            return max(1, writeWrapped("\(item.title): \(item.detail)", in: text, row: row, detailStyle))
        }
        write(item.title, in: text, row: row, theme.label)
        let detail = text.splitColumns(left: 18).right
        return max(1, writeWrapped(item.detail, in: detail, row: row, detailStyle))
    }

    private func look(of status: ChecklistItem.Status) -> (String, TextStyle) {
        switch status {
        case .ready: ("✓", theme.good)
        case .missing: ("✗", theme.failure)
        case .advice: ("○", theme.warning)
        case .pending: ("·", theme.faint)
        }
    }
}
