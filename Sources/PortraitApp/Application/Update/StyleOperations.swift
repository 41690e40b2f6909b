import Foundation
import Portraits

extension AppState {
    /// The style under the cursor.
    var selectedStyle: Style? {
        if case .style(let style) = selectedStyleEntry { return style }
        return nil
    }

    /// The user's own LoRA under the cursor, an index into `Choices.loras`.
    var selectedLoRA: Int? {
        if case .lora(let index) = selectedStyleEntry { return index }
        return nil
    }

    /// The weight that `[` and `]` change.
    package var selectedWeight: Float? {
        switch selectedStyleEntry {
        case .style(let style): loraWeight(of: style)
        case .lora(let index): choices.loras[index].weight
        case .plain, nil: nil
        }
    }

    mutating func chooseSelectedStyle() {
        switch selectedStyleEntry {
        case .plain:
            choices.style = nil
            say("No style: your own words alone.")
        case .style(let style):
            choices.style = choices.style == style.name ? nil : style.name
            sayAboutChosenStyle()
        case .lora, nil:
            break
        }
    }

    private mutating func sayAboutChosenStyle() {
        guard let style = chosenStyle else { return say("No style: your own words alone.") }
        switch obstacle(to: style) {
        case nil:
            say("\(style.title) is chosen.", .good)
        case .otherModel(let family):
            say(
                "\(style.title) was written for \(Self.readable(family: family)); with \(model.title) it may disappoint.",
                .warning)
        case .missingLoRA(let file):
            say("\(style.title) needs the LoRA \(file), which is not here yet.", .warning)
        }
    }

    /// A model family as people know it.
    package static func readable(family: String) -> String {
        switch family {
        case "stable-diffusion-v1": "Stable Diffusion 1.5 models"
        case "atelier": "the embedded model"
        default: family
        }
    }

    mutating func toggleFavourite() {
        guard let style = selectedStyle else { return }
        if browser.favourites.remove(style.name) == nil { browser.favourites.insert(style.name) }
        // The list is sorted anew; the cursor stays with its style.
        if let index = styleEntries.firstIndex(of: .style(style)) { moveCursor(to: index) }
    }

    mutating func changeSelectedWeight(by change: Float) {
        guard let weight = selectedWeight else { return }
        let changed = min(max(0, ((weight + change) * 100).rounded() / 100), 2)
        switch selectedStyleEntry {
        case .style(let style): choices.styleWeights[style.name] = changed
        case .lora(let index): choices.loras[index].weight = changed
        case .plain, nil: break
        }
    }

    mutating func removeSelectedLoRA() {
        guard let index = selectedLoRA else { return }
        choices.loras.remove(at: index)
        moveCursor(to: cursor.index)
    }

    /// Queues small, quick portraits of the example person, or of the chosen one.
    mutating func paintThumbnails(all: Bool) -> [AppEffect] {
        guard let photo = facts.examplePhoto ?? choices.photos.first else {
            say("A thumbnail needs a person: choose a photo first.", .warning)
            return []
        }
        guard blockers(for: [photo]).isEmpty else {
            say(blockers(for: [photo])[0], .failure)
            return []
        }
        let listed = styleEntries.compactMap { if case .style(let style) = $0 { style } else { nil } }
        let wanted =
            all
            ? listed.filter { browser.thumbnails[$0.name] == nil && obstacle(to: $0) == nil }
            : [selectedStyle].compactMap { $0 }
        for style in wanted { enqueueThumbnail(of: style, photo: photo) }
        say(
            wanted.isEmpty
                ? "All listed styles that fit the model have thumbnails."
                : "\(Phrases.count(wanted.count, "thumbnail", "thumbnails")) queued.")
        return []
    }

    private mutating func enqueueThumbnail(of style: Style, photo: String) {
        var draft = Choices()
        (draft.photos, draft.style, draft.seed) = ([photo], style.name, 1)
        (draft.model, draft.adapter, draft.encoder) = (choices.model, choices.adapter, choices.encoder)
        Preset.draft.apply(to: &draft, profile: model.profile)
        queue.append(
            draft.request(styles: browser.styles, seed: 1), choices: draft,
            title: "Thumbnail: \(style.title)",
            purpose: .thumbnail(style: style.name), stepCount: draft.steps ?? model.profile.steps)
    }
}
