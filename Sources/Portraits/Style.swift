import Foundation

/// A look that can be asked for by name: words for the prompt and, where one is known, a style LoRA.
///
/// One JSON file in `Styles/` each.
public struct Style: Sendable, Codable, Equatable, Identifiable {
    /// A LoRA file and how strongly it is merged.
    public struct LoRA: Sendable, Codable, Equatable {
        /// File name or path; a bare name is looked for beside the style and in the user's LoRA folder.
        public var file: String
        /// The multiplier of the LoRA's change to the weights; 0.25–0.35 is usual for portraits, 1 is full.
        public var weight: Float
    }

    /// What the command line calls it: lower case, words joined by hyphens.
    public var name: String
    /// What people read in lists.
    public var title: String
    /// The words this style adds to the prompt.
    public var prompt: String
    /// The words this style adds to the negative prompt.
    public var negativePrompt: String
    /// The model family it was made for, as in `ModelProfile.family`.
    public var baseModel: String
    /// The LoRA that goes with it, if any.
    public var lora: LoRA?
    /// Words for searching.
    public var tags: [String]

    /// Styles are told apart by name.
    public var id: String { name }

    /// Whether the style's LoRA fits the model. Its words are of use to every model.
    public func isMade(for model: ModelProfile) -> Bool { baseModel == model.family }
}

/// The styles found in one or several folders, sorted by name.
public struct StyleLibrary: Sendable {
    /// All styles, sorted by name.
    public let styles: [Style]
    /// The folder each style came from, so that its LoRA can be found beside it.
    private let folders: [String: URL]

    /// Reads every `*.json` in the folders; a later folder replaces styles of the same name.
    ///
    /// - Throws: `PortraitError.unreadableStyle` naming the first file that is not a style.
    public init(folders searched: [URL]) throws {
        var found: [String: Style] = [:]
        var origins: [String: URL] = [:]
        for folder in searched {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names.sorted() where name.hasSuffix(".json") {
                let file = folder.appendingPathComponent(name)
                let style = try Self.read(file)
                found[style.name] = style
                origins[style.name] = folder
            }
        }
        styles = found.values.sorted { $0.name < $1.name }
        folders = origins
    }

    private static func read(_ file: URL) throws -> Style {
        do {
            return try JSONDecoder().decode(Style.self, from: Data(contentsOf: file))
        } catch {
            throw PortraitError.unreadableStyle(file: file.path, reason: JSONFile.reason(error))
        }
    }

    /// The style of that name.
    ///
    /// - Throws: `PortraitError.unknownStyle`, which suggests the nearest names.
    public func style(named name: String) throws -> Style {
        if let style = styles.first(where: { $0.name == name }) { return style }
        throw PortraitError.unknownStyle(name: name, suggestions: nearest(to: name))
    }

    /// The folder that holds the style's own files.
    public func folder(of style: Style) -> URL? { folders[style.name] }

    private func nearest(to name: String) -> [String] {
        let wanted = name.lowercased()
        let ranked = styles.map { ($0.name, Spelling.distance($0.name, wanted)) }
            .filter { $0.1 <= max(2, wanted.count / 2) || $0.0.contains(wanted) }
            .sorted { $0.1 < $1.1 }
        return ranked.prefix(3).map(\.0)
    }
}
