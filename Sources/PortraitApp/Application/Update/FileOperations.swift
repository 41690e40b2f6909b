import Foundation
import Portraits

extension AppState {
    /// Opens a file picker where the last one was left.
    mutating func pickFile(for purpose: FilePicker.Purpose) -> [AppEffect] {
        let usual = purpose == .template ? facts.templateFolder : facts.folders.home
        let folder = lastFolder.map { URL(fileURLWithPath: $0) } ?? usual
        overlays.append(.files(FilePicker(purpose: purpose, folder: folder)))
        return [.list(folder, purpose)]
    }

    mutating func leaveFolder() -> [AppEffect] { changeFolder { $0.leave() } }
    mutating func enterHomeFolder() -> [AppEffect] {
        let home = facts.folders.home
        return changeFolder { $0.enter(home) }
    }

    mutating func enterExampleFolder() -> [AppEffect] {
        guard let example = facts.examplePhoto else { return [] }
        return changeFolder { $0.enter(URL(fileURLWithPath: example).deletingLastPathComponent()) }
    }

    mutating func enterFolder() -> [AppEffect] {
        guard case .files(let picker) = overlay, let entry = picker.selection, entry.kind != .file,
            let url = picker.selectedURL
        else { return [] }
        return changeFolder { $0.enter(url) }
    }

    private mutating func changeFolder(_ change: (inout FilePicker) -> Void) -> [AppEffect] {
        guard case .files(var picker) = overlay else { return [] }
        change(&picker)
        changeOverlay { $0 = .files(picker) }
        return [.list(picker.folder, picker.purpose)]
    }

    /// Enter in a file picker: goes into a folder, or takes what is selected; a typed path wins over the list.
    mutating func chooseFile() -> [AppEffect] {
        guard case .files(let picker) = overlay else { return [] }
        let typed = picker.query.text
        if typed.hasPrefix("/") || typed.hasPrefix("~") {
            let url = facts.folders.url(ofPath: typed)
            if picker.purpose.accepts(typed) { return take(url, for: picker.purpose) }
            return changeFolder { $0.enter(url) }
        }
        guard let entry = picker.selection, let url = picker.selectedURL else { return [] }
        switch entry.kind {
        case .folder: return changeFolder { $0.enter(url) }
        case .choosableFolder, .file: return take(url, for: picker.purpose)
        }
    }

    private mutating func take(_ file: URL, for purpose: FilePicker.Purpose) -> [AppEffect] {
        closeOverlay()
        lastFolder = file.deletingLastPathComponent().path
        switch purpose {
        case .photo: addPhoto(file.path)
        case .template: useTemplate(file.path)
        case .templatePerson: addTemplatePhoto(file.path)
        case .pose: choices.pose = Choices.Pose(path: file.path)
        case .lora: addLoRA(file)
        case .adapter: choices.adapter = .file(file.path)
        case .model: return [.examineModel(path: file.path)]
        }
        return []
    }

    private mutating func addLoRA(_ file: URL) {
        guard !choices.loras.contains(where: { $0.file == file.path }) else {
            return say("That LoRA is in the list already.")
        }
        choices.loras.append(PortraitRequest.LoRAChoice(file: file.path, weight: 1))
        let added = choices.loras.count - 1
        if let index = styleEntries.firstIndex(of: .lora(added)) {
            browser.cursor.move(to: index, in: styleEntries.count)
        }
        say("\(file.lastPathComponent) is merged from now on; [ and ] change its weight.", .good)
    }
}
