import TerminalKit

extension Canvas {
    mutating func drawQueue(in rect: CellRect) {
        let jobs = state.queue.jobs
        let waiting = state.queue.waiting.count
        let inner = box(.queue, in: rect, note: waiting > 0 ? "\(waiting) waiting" : "")
        guard !jobs.isEmpty else {
            centered("No jobs yet; \(keyName(of: "generate")) queues one.", in: inner, theme.faint)
            return
        }
        let cursor = state.queue.cursor
        for (row, index) in cursor.window(rows: inner.rows, in: jobs.count).enumerated() {
            let line = inner.splitRows(top: row + 1).top.splitRows(bottom: 1).bottom
            drawJob(jobs[index], in: line, isSelected: index == cursor.index)
            target(line, .entry(.queue, index))
        }
    }

    private mutating func drawJob(_ job: Job, in line: CellRect, isSelected: Bool) {
        let style = entryStyle(
            isSelected: isSelected, pane: .queue, otherwise: job.isOver ? theme.faint : theme.text)
        if isSelected { frame.fill(line, style: style) }
        let (mark, note, markStyle) = look(of: job)
        write(mark, in: line, column: 1, isSelected ? style : markStyle)
        let noteWidth = min(CellWidth.of(note) + 1, line.columns / 2)
        let (left, right) = line.splitColumns(left: 3).right.splitColumns(right: noteWidth)
        write(job.title, in: left, style)
        write(note, in: right, isSelected ? style : markStyle)
    }

    private func look(of job: Job) -> (mark: String, note: String, style: TextStyle) {
        switch job.status {
        case .waiting: ("·", "waiting", theme.faint)
        case .running: ("▸", "\(Int(job.progress.fraction * 100)) %", theme.accent)
        case .stopping: ("▸", "stopping", theme.warning)
        case .done: ("✓", Phrases.duration(job.progress.elapsed), theme.good)
        case .cancelled: ("–", "cancelled", theme.faint)
        case .failed(let sentence): ("✗", sentence, theme.failure)
        }
    }
}
