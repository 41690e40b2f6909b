import Foundation
import Portraits

/// `facechain styles`: what `--style` takes.
enum StylesCommand {
    struct Settings: Sendable {
        var prefersJSON = false
        var namesOnly = false
        var wantsHelp = false
    }

    static let table: [CommandOption<Settings>] = [
        .toggle("--json", "as one JSON array") { $0.prefersJSON = true },
        .toggle("--names", "the names alone, one a line") { $0.namesOnly = true },
        .toggle("--help", "this text") { $0.wantsHelp = true },
    ]

    static func run(_ arguments: [String]) throws {
        var settings = Settings()
        try CommandLineParser(command: "styles", options: table).parse(arguments, into: &settings)
        if settings.wantsHelp {
            print(
                HelpText.text(
                    command: "styles", purpose: "Lists the styles that --style takes.",
                    options: table))
            return
        }
        let library = try StyleLibrary(folders: ResourceLocator().styleFolders)
        if settings.namesOnly {
            print(library.styles.map(\.name).joined(separator: "\n"))
            return
        }
        print(settings.prefersJSON ? try json(library.styles) : listing(library.styles))
    }

    private static func json(_ styles: [Style]) throws -> String {
        try JSONFile.text(of: styles)
    }

    /// One line a style, under a heading for each model family; the embedded model's first.
    private static func listing(_ styles: [Style]) -> String {
        let families = Dictionary(grouping: styles, by: \.baseModel)
        let width = styles.map(\.name.count).max() ?? 0
        return families.keys.sorted().map { family in
            let lines = (families[family] ?? []).map { style in
                "  " + style.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                    + "\(style.title)  [\(style.tags.joined(separator: ", "))]"
            }
            return ([heading(family)] + lines).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private static func heading(_ family: String) -> String {
        switch family {
        case "atelier": "For the embedded model:"
        case "stable-diffusion-v1": "For Stable Diffusion 1.5 models (--model):"
        default: "For \(family):"
        }
    }
}
