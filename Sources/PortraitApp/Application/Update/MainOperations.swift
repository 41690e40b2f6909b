import Foundation
import Portraits

extension AppState {
    /// Whether the movement keys have something to move in.
    var hasList: Bool { activeList.count > 0 }
    var hasGrid: Bool { activeList.columns > 1 && !(isFiltering && activeText?.isEmpty == false) }
    var hasFilter: Bool { overlay == nil && (focus == .style || focus == .gallery) }

    var canChoose: Bool {
        if let overlay {
            switch overlay {
            case .help, .palette, .files, .choice: return true
            case .editor, .confirmation, .messages, .checklist, .viewer: return false
            }
        }
        switch focus {
        case .style, .settings, .pose: return true
        case .template: return choices.template == nil || templateFaceCount > 0
        case .person: return choices.photos.isEmpty
        case .queue: return queue.selected != nil
        case .gallery: return isFiltering || gallery.selected != nil
        case .preview: return false
        }
    }

    /// What Enter does.
    mutating func choose() -> [AppEffect] {
        switch overlay {
        case .help(let search), .palette(let search): return runSelected(of: search)
        case .files: return chooseFile()
        case .choice: return chooseEntry()
        case .editor, .confirmation, .messages, .checklist, .viewer: return []
        case nil: break
        }
        if isFiltering {
            isFiltering = false
            return []
        }
        switch focus {
        case .style: chooseSelectedStyle()
        case .template: return chooseInTemplates()
        case .pose: return pickFile(for: .pose)
        case .person: return choices.photos.isEmpty ? pickFile(for: .photo) : []
        case .settings: return editSelectedSetting()
        case .queue: showSelectedJob()
        case .gallery: viewSelectedPicture()
        case .preview: break
        }
        return []
    }

    /// A template of the library, or a face of the one that was chosen.
    private mutating func chooseInTemplates() -> [AppEffect] {
        guard choices.template == nil else {
            toggleTemplateFace()
            return []
        }
        guard let template = templates.selected else { return pickFile(for: .template) }
        useTemplate(template.picture.path)
        takeStyle(of: template)
        return []
    }

    private mutating func runSelected(of search: ActionSearch) -> [AppEffect] {
        let found = matches(of: search)
        guard found.indices.contains(search.cursor.index) else { return [] }
        closeOverlay()
        let action = found[search.cursor.index]
        guard action.isPossible(self) else {
            say("'\(action.description)' is not possible now.", .warning)
            return []
        }
        return action.perform(&self)
    }

    /// The actions that fit what was typed in help or palette: those of the present pane first.
    package func matches(of search: ActionSearch) -> [AppAction] {
        let contexts: [ActionContext] = [.pane(focus), .main, .list, .always]
        let offered = ActionTable.actions.filter { contexts.contains($0.context) }
        let rank = { (action: AppAction) in contexts.firstIndex(of: action.context) ?? contexts.count }
        let ordered = contexts.indices.flatMap { index in offered.filter { rank($0) == index } }
        return FuzzyFilter(search.query.text).matches(ordered) { "\($0.description) \($0.name)" }
    }

    mutating func goBack() {
        if isFiltering || !(activeFilterText.isEmpty) {
            isFiltering = true
            changeText { $0 = TextBuffer() }
            isFiltering = false
            moveCursor(to: 0)
        } else if preview.magnification != .normal {
            preview.magnification = .normal
        } else if preview.zoom.level > 0 {
            preview.zoom = Zoom()
        } else {
            focus(on: chooser)
        }
    }

    private var activeFilterText: String {
        switch focus {
        case .style: browser.filter.text
        case .gallery: gallery.filter.text
        default: ""
        }
    }

    mutating func magnifyPreview(by distance: Int) {
        let level = preview.magnification.rawValue + distance
        preview.magnification = PreviewPane.Magnification(rawValue: level) ?? preview.magnification
        if preview.magnification == .full { focus = .preview }
    }

    mutating func quit() -> [AppEffect] {
        guard let running = queue.running else { return [.save, .quit] }
        overlays.append(
            .confirmation(
                Confirmation(
                    purpose: .quit,
                    question: "'\(running.title)' is still being painted. Cancel it and leave?",
                    yes: "Cancel it and leave", no: "Stay")))
        return []
    }

    /// Ctrl-C: asks whether the running job is to be cancelled; again within two seconds leaves.
    mutating func interrupt() -> [AppEffect] {
        defer { lastInterrupt = now }
        if let last = lastInterrupt, now - last < 2 { return leave() }
        guard let running = queue.running else {
            say("Press Ctrl-C again to leave, or q.")
            return []
        }
        askToCancel(running)
        return []
    }

    mutating func askToCancel(_ job: Job) {
        overlays.append(
            .confirmation(
                Confirmation(
                    purpose: .cancelJob(job.id),
                    question: "Cancel '\(job.title)'? What is painted so far is lost.",
                    yes: "Cancel the job", no: "Go on")))
    }

    private mutating func leave() -> [AppEffect] {
        (queue.running.map { [.cancel(job: $0.id)] } ?? []) + [.save, .quit]
    }

    /// What happens on yes.
    mutating func confirm() -> [AppEffect] {
        guard case .confirmation(let question) = overlay else { return [] }
        closeOverlay()
        switch question.purpose {
        case .cancelJob(let id): return cancel(id)
        case .quit: return leave()
        case .trash(let file): return [.trash(file)]
        }
    }

    mutating func copyPath(of item: GalleryItem?) -> [AppEffect] {
        guard let item else { return [] }
        say("The path is in the clipboard, if your terminal allows it: \(item.file.path)")
        return [.copy(item.file.path)]
    }
}
