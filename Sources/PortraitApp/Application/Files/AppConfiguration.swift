import Foundation
import Portraits

/// What the user wrote into `config.json`; everything may be left out.
package struct AppConfiguration: Sendable, Equatable {
    /// The theme's name; nil is the one used last.
    package var theme: ThemeName?
    /// Where finished pictures go; nil is the usual place.
    package var gallery: String?
    /// Whether the mouse is used; without it the terminal's own text selection works.
    package var usesMouse = true
    /// Other keys for actions, by the action's name; an empty list leaves it without a key.
    package var keys: [String: [String]] = [:]

    /// Where finished pictures go.
    package func galleryFolder(in folders: AppFolders) -> URL {
        gallery.map(folders.url) ?? folders.gallery
    }

    /// What stands in the file, word for word.
    private struct File: Decodable {
        var theme: String?
        var gallery: String?
        var mouse: Bool?
        var keys: [String: [String]]?
    }

    private static let knownNames: Set<String> = ["theme", "gallery", "mouse", "keys"]

    /// The configuration with nothing written.
    package init() {}

    /// Reads a file.
    ///
    /// - Returns: what could be understood, and a sentence for each thing that could not.
    package static func read(_ file: URL) -> (configuration: AppConfiguration, complaints: [String]) {
        guard FileManager.default.fileExists(atPath: file.path) else { return (AppConfiguration(), []) }
        do {
            return parse(try Data(contentsOf: file), name: file.path)
        } catch {
            return (AppConfiguration(), ["\(file.path) cannot be read: \(ErrorSentence.of(error))"])
        }
    }

    /// Understands the bytes of a file.
    package static func parse(
        _ bytes: Data, name: String
    ) -> (configuration: AppConfiguration, complaints: [String]) {
        var configuration = AppConfiguration()
        do {
            let file = try JSONDecoder().decode(File.self, from: bytes)
            var complaints = unknownNames(in: bytes).map { "\(name): there is no setting '\($0)'." }
            configuration.gallery = file.gallery
            configuration.usesMouse = file.mouse ?? true
            configuration.keys = file.keys ?? [:]
            if let wanted = file.theme {
                if let theme = ThemeName(rawValue: wanted) {
                    configuration.theme = theme
                } else {
                    let known = ThemeName.allCases.map(\.rawValue).joined(separator: ", ")
                    complaints.append("\(name): there is no theme '\(wanted)'; choose one of \(known).")
                }
            }
            return (configuration, complaints)
        } catch {
            return (configuration, ["\(name) is ignored: \(JSONFile.reason(error))."])
        }
    }

    private static func unknownNames(in bytes: Data) -> [String] {
        let object = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any]
        return (object ?? [:]).keys.filter { !knownNames.contains($0) }.sorted()
    }
}
