import Foundation
import Portraits

/// What the program remembers from one session to the next.
package struct SavedState: Codable, Equatable, Sendable {
    package var choices = Choices()
    package var favourites: [String] = []
    package var styleLayout = StyleBrowser.Layout.list
    package var chooser = Pane.style
    package var theme: ThemeName?
    package var lastFolder: String?

    package init() {}

    package init(_ state: AppState) {
        choices = state.choices
        favourites = state.browser.favourites.sorted()
        styleLayout = state.browser.layout
        chooser = state.chooser
        theme = state.themeName
        lastFolder = state.lastFolder
    }

    /// Reads a file; nil if there is none, or one that another version wrote.
    package static func read(_ file: URL) -> SavedState? {
        guard let bytes = try? Data(contentsOf: file) else { return nil }
        return try? JSONDecoder().decode(SavedState.self, from: bytes)
    }

    /// Writes a file, whole or not at all.
    package func write(to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try JSONFile.bytes(of: self).write(to: file, options: .atomic)
    }
}

extension AppState {
    /// Continues where the last session ended; what is gone since then is left out.
    package mutating func restore(_ saved: SavedState, fileExists: (String) -> Bool) {
        choices = saved.choices
        let lost = choices.photos.filter { !fileExists($0) }
        choices.photos.removeAll(where: lost.contains)
        if let first = lost.first { say("\(first) is gone; choose another photo.", .warning) }
        if choices.photos.isEmpty { choices.photos = [facts.examplePhoto].compactMap { $0 } }
        if !browser.styles.contains(where: { $0.name == choices.style }) { choices.style = nil }
        browser.favourites = Set(saved.favourites)
        browser.layout = saved.styleLayout
        focus(on: saved.chooser)
        themeName = saved.theme ?? themeName
        lastFolder = saved.lastFolder
        selectChosenStyle()
    }

    /// The first start: an example person and a style are chosen, so that one key makes a portrait.
    package mutating func beginForTheFirstTime() {
        if model.problem != nil, let usable = models.first(where: { $0.problem == nil }) {
            choices.model = usable.location?.path
        }
        choices.photos = [facts.examplePhoto].compactMap { $0 }
        let usable = browser.styles.filter { obstacle(to: $0) == nil }
        choices.style = (usable.first { $0.name == model.profile.style } ?? usable.first)?.name
        selectChosenStyle()
    }

    private mutating func selectChosenStyle() {
        guard let style = chosenStyle, let index = styleEntries.firstIndex(of: .style(style)) else { return }
        browser.cursor.move(to: index, in: styleEntries.count)
    }
}
