import Foundation
import Portraits
import TerminalKit

/// Carries the state over an event. Nothing else happens here; what is to be done outside is returned.
package func update(_ state: inout AppState, _ event: AppEvent) -> [AppEffect] {
    let before = state.choices
    var effects = state.handle(event)
    if state.choices != before { effects += state.choicesChanged(from: before) }
    return effects + state.startNextJob()
}

extension AppState {
    fileprivate mutating func handle(_ event: AppEvent) -> [AppEffect] {
        switch event {
        case .key(let key): return handleKey(key)
        case .paste(let text): return handlePaste(text)
        case .pointed(let target, let kind): return handlePointer(target, kind)
        case .resized(let size): self.size = size
        case .focus(let hasFocus): hasTerminalFocus = hasFocus
        case .clock(let seconds): now = seconds
        case .memory(let bytes): memoryBytes = bytes
        case .graphics(let description): graphics = description
        case .photoInspected(let path, let result): photoInspected(path, result)
        case .pictureLoaded(let key, let result): pictureLoaded(key, result)
        case .folderListed(let folder, let listing): folderListed(folder, listing)
        case .galleryLoaded(let items): galleryLoaded(items)
        case .thumbnailsFound(let files): browser.thumbnails = files
        case .modelExamined(let model): modelExamined(model)
        case .trashed(let file, let result): trashed(file, result)
        case .failed(let problem): say(problem.sentence, .failure)
        case .job(let id, let event): return handleJob(id, event)
        }
        return []
    }

    /// What follows when something else was chosen.
    fileprivate mutating func choicesChanged(from before: Choices) -> [AppEffect] {
        inspectNewPhotos() + (choices.model != before.model ? [.findThumbnails(model)] : [])
    }

    private mutating func photoInspected(_ path: String, _ result: Result<PhotoInspection, AppProblem>) {
        switch result {
        case .success(let inspection):
            person.inspections[path] = .done(inspection)
            if path == choices.template?.path { chooseOnlyTemplateFace() }
        case .failure(let problem):
            person.inspections[path] = .failed(problem.sentence)
            say(problem.sentence, .warning)
        }
    }

    private mutating func pictureLoaded(_ key: PictureKey, _ result: Result<PixelImage, AppProblem>) {
        switch result {
        case .success(let image): pictures.put(image, for: key)
        case .failure(let problem): pictures.fail(key, problem.sentence)
        }
    }

    private mutating func folderListed(_ folder: URL, _ listing: Result<[FilePicker.Entry], AppProblem>) {
        changeOverlay { overlay in
            guard case .files(var picker) = overlay else { return }
            picker.show(listing, of: folder)
            overlay = .files(picker)
        }
    }

    private mutating func galleryLoaded(_ items: [GalleryItem]) {
        gallery.items = items
        gallery.isLoaded = true
        gallery.cursor.clamp(to: gallery.visibleItems.count)
        if preview.shown == nil { preview.shown = items.first?.id }
    }

    private mutating func modelExamined(_ model: ModelSummary) {
        models.removeAll { $0.id == model.id }
        models.append(model)
        choices.model = model.location?.path
        if let problem = model.problem {
            say("\(model.title) cannot be used: \(problem).", .failure)
        } else {
            say("\(model.title) paints from now on.", .good)
        }
    }

    private mutating func trashed(_ file: URL, _ result: Result<Void, AppProblem>) {
        switch result {
        case .success:
            gallery.items.removeAll { $0.file == file }
            gallery.cursor.clamp(to: gallery.visibleItems.count)
            if preview.shown == file.path { preview.shown = gallery.items.first?.id }
            if gallery.marked == file.path { gallery.marked = nil }
            say("\(file.lastPathComponent) is in the trash.")
        case .failure(let problem):
            say("\(file.lastPathComponent) stays where it is: \(problem.sentence)", .failure)
        }
    }

    /// Photos and templates that nobody has looked at yet are to be looked at.
    mutating func inspectNewPhotos() -> [AppEffect] {
        let template = choices.template.map { [$0.path] + $0.faces.flatMap(\.photos) } ?? []
        let photos = choices.photos + template
        let new = photos.filter { person.inspections[$0] == nil }
        for photo in new { person.inspections[photo] = .pending }
        return new.map { .inspect(photo: $0) }
    }

    /// Changes the innermost window; closing it is left to `closeOverlay`.
    mutating func changeOverlay(_ change: (inout Overlay) -> Void) {
        guard var overlay = overlays.popLast() else { return }
        change(&overlay)
        overlays.append(overlay)
    }

    mutating func closeOverlay() { _ = overlays.popLast() }
}
