import Foundation
import Portraits

extension AppState {
    /// The finished picture in the preview.
    package var shownItem: GalleryItem? { preview.shown.flatMap { gallery.item(atPath: $0) } }

    var canShowAnotherPicture: Bool { shownItem != nil && gallery.items.count > 1 }

    mutating func showPicture(olderBy distance: Int) {
        guard let item = shownItem, let index = gallery.items.firstIndex(of: item) else { return }
        let target = min(max(0, index + distance), gallery.items.count - 1)
        preview.shown = gallery.items[target].id
        preview.zoom = Zoom()
    }

    mutating func viewShownPicture() {
        guard let item = shownItem else { return }
        view([item])
    }

    mutating func viewSelectedPicture() {
        guard let item = gallery.selected else { return }
        preview.shown = item.id
        view([item])
    }

    private mutating func view(_ items: [GalleryItem]) {
        let subjects = items.map { PictureViewer.Subject(file: $0.file, caption: Self.caption(of: $0)) }
        overlays.append(.viewer(PictureViewer(subjects: subjects)))
    }

    /// One line about a picture.
    package static func caption(of item: GalleryItem) -> String {
        guard let settings = item.settings else { return item.file.lastPathComponent }
        return "\(item.file.lastPathComponent)   \(settings.style ?? "no style"), seed \(settings.seed), "
            + "\(settings.steps) steps, \(settings.width)x\(settings.height), \(settings.model)"
    }

    mutating func changeViewer(_ change: (inout PictureViewer) -> Void) {
        changeOverlay { overlay in
            guard case .viewer(var viewer) = overlay else { return }
            change(&viewer)
            overlay = .viewer(viewer)
        }
    }

    /// Moves in an enlarged picture; a whole one makes way for its neighbour.
    mutating func panViewer(_ horizontally: Int, _ vertically: Int) {
        guard case .viewer(let viewer) = overlay else { return }
        if viewer.zoom.level > 0 || viewer.subjects.count > 1 {
            changeViewer { $0.zoom.pan(horizontally: horizontally, vertically: vertically) }
            return
        }
        let files = gallery.visibleItems.map(\.file)
        guard let current = viewer.subjects.first.flatMap({ files.firstIndex(of: $0.file) }) else { return }
        let target = current + horizontally + vertically
        guard gallery.visibleItems.indices.contains(target) else { return }
        closeOverlay()
        gallery.cursor.move(to: target, in: files.count)
        preview.shown = gallery.visibleItems[target].id
        view([gallery.visibleItems[target]])
    }

    mutating func recallSelectedPicture() {
        guard let settings = gallery.selected?.settings else { return }
        choices.recall(settings, styles: browser.styles, models: models)
        focus(on: .settings)
        let isKnown = models.contains { $0.title == settings.model }
        say(
            isKnown
                ? "All settings are recalled; the photo stays the one you chose."
                : "Settings are recalled, but the model '\(settings.model)' is not here.",
            isKnown ? .good : .warning)
    }

    mutating func compareSelectedPicture() {
        guard let item = gallery.selected else { return }
        guard let marked = gallery.marked.flatMap({ gallery.item(atPath: $0) }), marked != item else {
            gallery.marked = gallery.marked == item.id ? nil : item.id
            return say(
                gallery.marked == nil
                    ? "The mark is gone." : "Marked; go to another picture and press the key again.")
        }
        gallery.marked = nil
        view([marked, item])
    }

    mutating func askToTrash() {
        guard let item = gallery.selected else { return }
        overlays.append(
            .confirmation(
                Confirmation(
                    purpose: .trash(item.file), question: "Move \(item.file.lastPathComponent) to the trash?",
                    yes: "Move to the trash", no: "Keep")))
    }
}
