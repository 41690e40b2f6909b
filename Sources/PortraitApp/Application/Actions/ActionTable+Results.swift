import Portraits

extension ActionTable {
    static let preview: [AppAction] = [
        .change(
            "preview.open", ["enter"], in: .pane(.preview), hint: "full screen",
            "Show the picture in the whole window",
            if: { $0.shownItem != nil }
        ) { $0.viewShownPicture() },
        .change(
            "preview.photo", ["b"], in: .pane(.preview), hint: "before/after",
            "Show the photo or the picture",
            if: { $0.shownItem != nil && !$0.choices.photos.isEmpty }
        ) { $0.preview.showsPhoto.toggle() },
        .change(
            "preview.newer", ["h", "left", "k", "up"], in: .pane(.preview), hint: "newer",
            "Show the newer picture",
            if: \.canShowAnotherPicture
        ) { $0.showPicture(olderBy: -1) },
        .change(
            "preview.older", ["l", "right", "j", "down"], in: .pane(.preview), hint: "older",
            "Show the older picture",
            if: \.canShowAnotherPicture
        ) { $0.showPicture(olderBy: 1) },
        .change(
            "preview.zoom", ["z"], in: .pane(.preview), hint: "zoom", "Enlarge the middle of the picture",
            if: { $0.shownItem != nil }
        ) { $0.preview.zoom.enlarge() },
        .change(
            "preview.zoomOut", ["Z"], in: .pane(.preview), "Make the picture smaller",
            if: { $0.preview.zoom.level > 0 }
        ) { $0.preview.zoom.shrink() },
        AppAction(
            "preview.copy", ["y"], in: .pane(.preview), hint: "copy path", "Copy the picture's path",
            if: { $0.shownItem != nil }
        ) { $0.copyPath(of: $0.shownItem) },
    ]

    static let queue: [AppAction] = [
        AppAction(
            "queue.show", ["enter"], in: .pane(.queue), hint: "show", "Show the selected job's picture",
            if: { $0.queue.selected != nil }
        ) { $0.choose() },
        AppAction(
            "queue.cancel", ["x"], in: .pane(.queue), hint: "cancel", "Cancel the selected job",
            if: { $0.queue.selected?.isOver == false }
        ) { $0.cancelSelectedJob() },
        .change(
            "queue.up", ["K"], in: .pane(.queue), hint: "earlier", "Do the selected job earlier",
            if: { $0.queue.selected?.status == .waiting }
        ) { $0.moveSelectedJob(by: -1) },
        .change(
            "queue.down", ["J"], in: .pane(.queue), hint: "later", "Do the selected job later",
            if: { $0.queue.selected?.status == .waiting }
        ) { $0.moveSelectedJob(by: 1) },
        .change(
            "queue.retry", ["r"], in: .pane(.queue), hint: "again",
            "Do the selected job again, with the same seed",
            if: { $0.queue.selected?.isOver == true }
        ) { $0.repeatSelectedJob() },
        .change(
            "queue.edit", ["e"], in: .pane(.queue), hint: "edit copy",
            "Take over the job's choices, to change them",
            if: { $0.queue.selected != nil }
        ) { $0.editSelectedJob() },
        .change(
            "queue.remove", ["d"], in: .pane(.queue), "Take the selected job off the list",
            if: { $0.queue.selected?.isOver == true }
        ) { $0.removeSelectedJob() },
        .change(
            "queue.clear", ["X"], in: .pane(.queue), "Take all finished jobs off the list",
            if: { $0.queue.jobs.contains(where: \.isOver) }
        ) { $0.queue.removeFinished() },
    ]

    static let gallery: [AppAction] = [
        AppAction(
            "gallery.view", ["enter"], in: .pane(.gallery), hint: "view",
            "Show the picture in the whole window",
            if: { $0.gallery.selected != nil }
        ) { $0.choose() },
        .change(
            "gallery.recall", ["r"], in: .pane(.gallery), hint: "recall",
            "Take over all settings of the picture",
            if: { $0.gallery.selected?.settings != nil }
        ) { $0.recallSelectedPicture() },
        .change(
            "gallery.compare", ["b"], in: .pane(.gallery), hint: "compare",
            "Mark the picture; on a second one, show both",
            if: { $0.gallery.selected != nil }
        ) { $0.compareSelectedPicture() },
        .change(
            "gallery.trash", ["d", "delete"], in: .pane(.gallery), hint: "trash",
            "Move the picture to the trash",
            if: { $0.gallery.selected != nil }
        ) { $0.askToTrash() },
        AppAction(
            "gallery.folder", ["o"], in: .pane(.gallery), hint: "folder",
            "Open the folder in the file manager"
        ) {
            [.open($0.facts.galleryFolder)]
        },
        AppAction(
            "gallery.copy", ["y"], in: .pane(.gallery), hint: "copy path", "Copy the picture's path",
            if: { $0.gallery.selected != nil }
        ) { $0.copyPath(of: $0.gallery.selected) },
        AppAction("gallery.reload", ["R"], in: .pane(.gallery), "Read the gallery's folder again") { _ in
            [.loadGallery]
        },
    ]
}
