import Dispatch
import Foundation
import Portraits
import TerminalKit

/// Does what the update asks for outside of the state; whatever takes time is done on other threads.
final class EffectRunner {
    private let session: TerminalSession
    private let inbox: Inbox
    private let services: AppServices
    private let jobs: JobRunner
    private let pictures: PictureLoader
    private let inspector: PhotoInspector
    private let files = DispatchQueue(label: "files", qos: .userInitiated)
    /// A large gallery takes a while; pickers do not wait for it.
    private let galleryQueue = DispatchQueue(label: "gallery", qos: .utility)
    /// Set when the program is to end.
    private(set) var isOver = false

    init(session: TerminalSession, inbox: Inbox, services: AppServices) {
        self.session = session
        self.inbox = inbox
        self.services = services
        jobs = JobRunner(
            resources: services.resources, gallery: services.gallery, thumbnails: services.thumbnails,
            colors: PreviewColors(file: services.folders.cache.appendingPathComponent("latent-colors.json")),
            inbox: inbox)
        pictures = PictureLoader(resources: services.resources, inbox: inbox)
        inspector = PhotoInspector(resources: services.resources)
    }

    func load(_ keys: [PictureKey], in state: AppState) {
        for key in keys {
            pictures.load(key, inspection: key.photo.flatMap { state.person.inspection(of: $0) })
        }
    }

    func run(_ effect: AppEffect, in state: AppState) {
        switch effect {
        case .inspect(let photo): inspect(photo)
        case .list(let folder, let purpose):
            post { .folderListed(folder, FolderListing.read(folder, for: purpose)) }
        case .loadGallery:
            let gallery = services.gallery
            post(on: galleryQueue) { .galleryLoaded(gallery.items()) }
        case .findThumbnails(let model):
            let thumbnails = services.thumbnails
            post { .thumbnailsFound(thumbnails.files(for: model)) }
        case .examineModel(let path):
            let catalog = services.catalog
            post { .modelExamined(catalog.summary(of: URL(fileURLWithPath: path))) }
        case .start(let id, let request, let purpose, let threadCount):
            let model = state.models.first { $0.location == request.models.base } ?? state.model
            jobs.start(id, request, purpose: purpose, model: model, threadCount: threadCount)
        case .cancel(let id): jobs.cancel(id)
        case .trash(let file): moveToTrash(file)
        case .open(let folder): open(folder)
        case .copy(let text): session.copy(text)
        case .notify(let title, let body): session.notify(title: title, body: body)
        case .save: save(state)
        case .redraw: session.redraw()
        case .suspend: session.suspend()
        case .quit: isOver = true
        }
    }

    private func post(on queue: DispatchQueue? = nil, _ work: @escaping @Sendable () -> AppEvent) {
        (queue ?? files).async { [inbox] in inbox.post(work()) }
    }

    private func inspect(_ photo: String) {
        Task { [inspector, inbox] in
            do {
                let seen = try await inspector.inspect(URL(fileURLWithPath: photo))
                inbox.post(.photoInspected(path: photo, .success(seen)))
            } catch {
                inbox.post(.photoInspected(path: photo, .failure(AppProblem(error))))
            }
        }
    }

    private func moveToTrash(_ file: URL) {
        let trash = Trash(dataHome: services.folders.dataHome)
        post {
            do {
                try trash.put(file, at: Date())
                return .trashed(file, .success(()))
            } catch {
                return .trashed(file, .failure(AppProblem(error)))
            }
        }
    }

    /// The desktop's own program for a folder; nothing of it may reach the screen, and nobody waits for it.
    private func open(_ folder: URL) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xdg-open", folder.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.terminationHandler = { [inbox] process in
            guard process.terminationStatus != 0 else { return }
            inbox.post(.failed(AppProblem("No file manager could be opened; the folder is \(folder.path)")))
        }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try process.run()
        } catch {
            inbox.post(.failed(AppProblem(error)))
        }
    }

    /// Written at once: the program may end right behind it.
    private func save(_ state: AppState) {
        do {
            try SavedState(state).write(to: services.folders.stateFile)
        } catch {
            inbox.post(.failed(AppProblem("Your choices could not be kept: \(ErrorSentence.of(error))")))
        }
    }
}

extension PictureKey {
    /// The photo the picture is about.
    fileprivate var photo: String? {
        switch self {
        case .numberedFaces(let path, _), .face(let path, _, _): path
        case .file, .part, .posed, .live: nil
        }
    }
}
