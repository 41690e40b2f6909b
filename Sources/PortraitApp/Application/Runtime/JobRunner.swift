import Foundation
import Imaging
import Portraits
import Synchronization
import TerminalKit

/// Hands jobs to the studio and posts what becomes of them; a small task of its own for each job.
final class JobRunner: Sendable {
    private struct Engine {
        var studio: PortraitStudio
        var threadCount: Int?
    }

    /// Live pictures come no faster: terminals need time to decode them.
    private static let previewInterval = Duration.milliseconds(500)

    private let resources: ResourceLocator
    private let gallery: Gallery
    private let thumbnails: ThumbnailFolder
    private let colors: PreviewColors
    private let inbox: Inbox
    private let engine: Mutex<Engine>
    private let tasks = Mutex<[Int: Task<Void, Never>]>([:])

    init(
        resources: ResourceLocator, gallery: Gallery, thumbnails: ThumbnailFolder, colors: PreviewColors,
        inbox: Inbox
    ) {
        self.resources = resources
        self.gallery = gallery
        self.thumbnails = thumbnails
        self.colors = colors
        self.inbox = inbox
        engine = Mutex(Engine(studio: PortraitStudio(resources: resources), threadCount: nil))
    }

    /// Begins a job.
    func start(
        _ id: Int, _ request: PortraitRequest, purpose: Job.Purpose, model: ModelSummary, threadCount: Int?
    ) {
        let studio = studio(threadCount: threadCount)
        let task = Task { [self] in
            let ending = await run(id, request, purpose: purpose, model: model, studio: studio)
            tasks.withLock { $0[id] = nil }
            inbox.post(.job(id, ending))
        }
        tasks.withLock { $0[id] = task }
    }

    /// Asks a job to stop; it says when it has.
    func cancel(_ id: Int) { tasks.withLock { $0[id] }?.cancel() }

    /// The studio, a new one when the number of threads is another; its networks are then read again.
    private func studio(threadCount: Int?) -> PortraitStudio {
        engine.withLock { engine in
            if engine.threadCount != threadCount {
                let studio =
                    threadCount.map { PortraitStudio(resources: resources, threadCount: $0) }
                    ?? PortraitStudio(resources: resources)
                engine = Engine(studio: studio, threadCount: threadCount)
            }
            return engine.studio
        }
    }

    private func run(
        _ id: Int, _ request: PortraitRequest, purpose: Job.Purpose, model: ModelSummary,
        studio: PortraitStudio
    ) async -> JobEvent {
        var lastLatents: LatentPreview?
        let clock = ContinuousClock()
        var lastPreview = clock.now - Self.previewInterval
        do {
            for try await event in studio.portraits(for: request) {
                switch event {
                case .progress(var progress):
                    if let latents = progress.preview {
                        lastLatents = latents
                        if clock.now - lastPreview >= Self.previewInterval {
                            lastPreview = clock.now
                            show(latents, job: id, model: model)
                        }
                    }
                    progress.preview = nil
                    inbox.post(.job(id, .progress(progress)))
                case .notice(let sentence):
                    inbox.post(.job(id, .notice(sentence)))
                case .finished(let portrait):
                    // A template's latents are those of a face's square, not of the picture.
                    if let lastLatents, portrait.settings.template == nil {
                        colors.learn(from: lastLatents, picture: portrait.image, model: model)
                    }
                    inbox.post(.job(id, .picture(try keep(portrait, purpose: purpose, model: model))))
                }
            }
            return Task.isCancelled ? .cancelled : .finished
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed(ErrorSentence.of(error))
        }
    }

    private func show(_ latents: LatentPreview, job: Int, model: ModelSummary) {
        guard let picture = colors.picture(of: latents, model: model) else { return }
        inbox.post(.pictureLoaded(.live(job: job), .success(PixelImage(picture))))
    }

    private func keep(_ portrait: Portrait, purpose: Job.Purpose, model: ModelSummary) throws -> GalleryItem {
        switch purpose {
        case .gallery: return try gallery.add(portrait)
        case .thumbnail(let style):
            return gallery.item(of: try thumbnails.keep(portrait.image, style: style, model: model))
        }
    }
}
