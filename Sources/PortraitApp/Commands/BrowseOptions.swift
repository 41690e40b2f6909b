import Portraits
import TerminalKit

/// What `facechain` and `facechain browse` were asked for.
struct BrowseOptions: Sendable {
    var model: String?
    var gallery: String?
    var theme: ThemeName?
    var graphics: TerminalCapabilities.Graphics?
    var usesMouse = true
    var wantsHelp = false

    /// The option table, in the order of `--help`.
    static let table: [CommandOption<BrowseOptions>] = [
        .value("--model", "DIR|FILE", "begin with this base model (default: the one used last)") {
            $0.model = $1
        },
        .value("--gallery", "DIR", "where finished pictures go (default: as configured)") { $0.gallery = $1 },
        .value("--theme", "NAME", "colours: \(names(ThemeName.allCases))") { options, name in
            guard let theme = ThemeName(rawValue: name) else {
                throw UsageError("--theme takes one of \(names(ThemeName.allCases)), not '\(name)'.")
            }
            options.theme = theme
        },
        .value("--graphics", "WAY", "how pictures are shown, whatever the terminal says: \(ways)") {
            options, name in
            options.graphics = try graphics(name)
        },
        .toggle("--no-mouse", "leave the mouse to the terminal") { $0.usesMouse = false },
        .toggle("--help", "this text") { $0.wantsHelp = true },
    ]

    /// - Throws: `UsageError` for a way that does not exist.
    static func graphics(_ name: String) throws -> TerminalCapabilities.Graphics {
        guard let graphics = TerminalCapabilities.Graphics(rawValue: name) else {
            throw UsageError("--graphics takes one of \(ways), not '\(name)'.")
        }
        return graphics
    }

    private static var ways: String { names(TerminalCapabilities.Graphics.allCases) }

    private static func names<Name: RawRepresentable<String>>(_ all: [Name]) -> String {
        all.map(\.rawValue).joined(separator: ", ")
    }
}
