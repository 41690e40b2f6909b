import Portraits

/// The list of styles: what is shown of it and where the cursor is. What is chosen stands in `Choices`.
package struct StyleBrowser: Sendable {
    package enum Layout: String, Sendable, Codable { case list, grid }

    /// A line of the list.
    package enum Entry: Sendable, Equatable {
        /// No style: the user's own words alone.
        case plain
        case style(Style)
        /// A LoRA file the user added; an index into `Choices.loras`.
        case lora(Int)
    }

    package var styles: [Style] = []
    package var favourites: Set<String> = []
    /// Styles whose LoRA is not on this machine.
    package var stylesWithoutLoRA: Set<String> = []
    /// The styles that have a thumbnail, with its file.
    package var thumbnails: [String: String] = [:]
    package var filter = TextBuffer()
    package var showsFavouritesOnly = false
    package var layout = Layout.list
    package var cursor = ListCursor()

    package init() {}
}

/// Why a style cannot be used as it was meant, and what to do.
package enum StyleObstacle: Sendable, Equatable {
    case otherModel(String)
    case missingLoRA(file: String)
}

extension AppState {
    /// The lines of the style list, filtered: the chosen model's styles first, favourites before others.
    package var styleEntries: [StyleBrowser.Entry] {
        let filter = FuzzyFilter(browser.filter.text)
        let shown = browser.styles.filter {
            !browser.showsFavouritesOnly || browser.favourites.contains($0.name)
        }
        let ranked = shown.sorted { styleRank($0) < styleRank($1) }
        let styles = filter.matches(ranked, text: { "\($0.title) \($0.name)" }, tags: \.tags)
            .map(StyleBrowser.Entry.style)
        guard filter.isEmpty, !browser.showsFavouritesOnly else { return styles }
        return [.plain] + choices.loras.indices.map(StyleBrowser.Entry.lora) + styles
    }

    private func styleRank(_ style: Style) -> (Int, Int, String) {
        (
            style.baseModel == model.profile.family ? 0 : 1, browser.favourites.contains(style.name) ? 0 : 1,
            style.title
        )
    }

    /// The line under the cursor.
    package var selectedStyleEntry: StyleBrowser.Entry? {
        let entries = styleEntries
        return entries.indices.contains(browser.cursor.index) ? entries[browser.cursor.index] : nil
    }

    package var chosenStyle: Style? { browser.styles.first { $0.name == choices.style } }

    /// Whether a line of the list is what the next portrait uses.
    package func isChosen(_ entry: StyleBrowser.Entry) -> Bool {
        switch entry {
        case .plain: choices.style == nil
        case .style(let style): style.name == choices.style
        case .lora: true
        }
    }

    package func obstacle(to style: Style) -> StyleObstacle? {
        if let lora = style.lora, browser.stylesWithoutLoRA.contains(style.name) {
            return .missingLoRA(file: lora.file)
        }
        return style.isMade(for: model.profile) ? nil : .otherModel(style.baseModel)
    }

    /// The weight of a style's LoRA, the user's own if there is one.
    package func loraWeight(of style: Style) -> Float? {
        style.lora.map { choices.styleWeights[style.name] ?? $0.weight }
    }
}
