import Foundation
import Portraits

extension AppState {
    /// Queues what is chosen, or says what is missing.
    mutating func generate() -> [AppEffect] {
        let missing = blockers
        guard missing.isEmpty else {
            say(missing[0], .failure)
            overlays.append(.checklist)
            return []
        }
        let request = choices.request(styles: browser.styles, seed: seeds.next())
        let title = "\(chosenStyle?.title ?? "No style"), seed \(request.seed)"
        queue.append(
            request, choices: choices, title: title, purpose: .gallery,
            stepCount: choices.steps ?? model.profile.steps)
        queue.cursor.move(to: .max, in: queue.jobs.count)
        preview.showsPhoto = false
        if queue.running != nil {
            say("Queued: \(title).")
        }
        return [.save]
    }

    /// The engine does one job after the other.
    mutating func startNextJob() -> [AppEffect] {
        guard queue.running == nil, let next = queue.waiting.first else { return [] }
        queue[next.id]?.status = .running
        if next.purpose == .gallery { preview.zoom = Zoom() }
        return [.start(job: next.id, next.request, next.purpose, threadCount: next.choices.threadCount)]
    }

    mutating func cancel(_ id: Int) -> [AppEffect] {
        switch queue[id]?.status {
        case .waiting:
            queue[id]?.status = .cancelled
        case .running:
            queue[id]?.status = .stopping
            return [.cancel(job: id)]
        default:
            break
        }
        return []
    }

    mutating func cancelSelectedJob() -> [AppEffect] {
        guard let job = queue.selected else { return [] }
        guard job.status == .running else { return cancel(job.id) }
        askToCancel(job)
        return []
    }

    mutating func moveSelectedJob(by distance: Int) {
        guard let job = queue.selected else { return }
        queue.move(job.id, by: distance)
    }

    mutating func repeatSelectedJob() {
        guard let job = queue.selected else { return }
        queue.append(
            job.request, choices: job.choices, title: job.title, purpose: job.purpose,
            stepCount: job.choices.steps ?? model.profile.steps)
        queue.cursor.move(to: .max, in: queue.jobs.count)
    }

    mutating func editSelectedJob() {
        guard let job = queue.selected else { return }
        choices = job.choices
        choices.seed = job.request.seed
        focus(on: .settings)
        say("All choices of '\(job.title)' are taken over; change them and press g.")
    }

    mutating func removeSelectedJob() {
        guard let job = queue.selected else { return }
        queue[job.id] = nil
    }

    mutating func showSelectedJob() {
        guard let job = queue.selected else { return }
        if let item = job.results.last {
            preview.shown = item.id
        } else if case .failed(let sentence) = job.status {
            say(sentence, .failure)
        }
        focus(on: .preview)
    }

    mutating func handleJob(_ id: Int, _ event: JobEvent) -> [AppEffect] {
        guard let job = queue[id] else { return [] }
        defer { if queue[id]?.isOver == true { closeQuestions(about: id) } }
        switch event {
        case .progress(let report):
            queue[id]?.progress.update(report)
        case .notice(let sentence):
            queue[id]?.notices.append(sentence)
            say(sentence, .warning)
        case .picture(let item):
            return pictureFinished(item, of: job)
        case .finished:
            queue[id]?.status = .done
            return jobFinished(job)
        case .cancelled:
            queue[id]?.status = .cancelled
            say("'\(job.title)' was cancelled.")
        case .failed(let sentence):
            queue[id]?.status = .failed(sentence)
            say(sentence, .failure)
            return announce("The portrait failed", sentence)
        }
        return []
    }

    /// What is over cannot be cancelled any more.
    private mutating func closeQuestions(about id: Int) {
        overlays.removeAll { overlay in
            guard case .confirmation(let question) = overlay else { return false }
            return question.purpose == .cancelJob(id)
        }
    }

    private mutating func pictureFinished(_ item: GalleryItem, of job: Job) -> [AppEffect] {
        queue[job.id]?.results.append(item)
        guard job.purpose == .gallery else {
            pictures.forget { if case .file(item.id, _) = $0 { true } else { false } }
            return [.findThumbnails(model)]
        }
        addToGallery(item)
        preview.shown = item.id
        say("\(item.file.lastPathComponent) is finished.", .good)
        return []
    }

    /// The newest comes first; whoever looks at another picture goes on looking at it.
    private mutating func addToGallery(_ item: GalleryItem) {
        let selected = gallery.cursor.index > 0 || focus == .gallery ? gallery.selected : nil
        gallery.items.removeAll { $0.id == item.id }
        gallery.items.insert(item, at: 0)
        let index = selected.flatMap { gallery.visibleItems.firstIndex(of: $0) } ?? 0
        gallery.cursor.move(to: index, in: gallery.visibleItems.count)
    }

    private func jobFinished(_ job: Job) -> [AppEffect] {
        guard job.purpose == .gallery else { return [] }
        return announce("Portrait finished", job.title)
    }

    /// A notification, but only for somebody who is looking elsewhere.
    private func announce(_ title: String, _ body: String) -> [AppEffect] {
        hasTerminalFocus ? [] : [.notify(title: title, body: body)]
    }
}
