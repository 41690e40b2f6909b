import Foundation

/// A template that comes with the program, or that a user keeps: a picture and, beside it, a JSON file of the same name.
public struct LibraryTemplate: Sendable, Equatable, Identifiable {
    /// What the JSON file says.
    public struct Description: Sendable, Codable, Equatable {
        /// What people read.
        public var title: String
        /// Whose picture it is.
        public var author: String
        /// What may be done with it.
        public var licence: String
        /// How many faces it shows.
        public var faces: Int
        /// The name of the style that it is drawn in, which new faces take as well unless another is asked for.
        public var style: String?
    }

    /// The file's name without folder and extension: what the command line takes.
    public let name: String
    /// What its JSON file says.
    public let description: Description
    /// The picture.
    public let picture: URL

    package init(name: String, description: Description, picture: URL) {
        self.name = name
        self.description = description
        self.picture = picture
    }

    /// The template that a picture is, if a JSON file beside it says so.
    public init?(picture: URL) {
        guard
            let found = try? TemplateLibrary.read(
                picture.deletingPathExtension().appendingPathExtension("json"))
        else { return nil }
        self = found
    }

    /// Templates are told apart by name.
    public var id: String { name }
}

/// The templates of one or several folders, sorted by name.
public struct TemplateLibrary: Sendable {
    /// All templates.
    public let templates: [LibraryTemplate]

    /// Reads every `*.json` with a picture beside it; a later folder replaces templates of the same name.
    ///
    /// - Throws: `PortraitError.unreadableTemplate` naming the first file that describes no template.
    public init(folders: [URL]) throws {
        var found: [String: LibraryTemplate] = [:]
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for file in names.sorted() where file.hasSuffix(".json") {
                let template = try Self.read(folder.appendingPathComponent(file))
                found[template.name] = template
            }
        }
        templates = found.values.sorted { $0.name < $1.name }
    }

    /// The picture that a user means: a path as it is, or a template's name.
    ///
    /// - Throws: ``init(folders:)``'s, if there is no such file and templates are looked through.
    public static func picture(_ name: String, folders: @autoclosure () throws -> [URL]) throws -> URL {
        let file = URL(fileURLWithPath: name)
        guard !FileManager.default.fileExists(atPath: file.path) else { return file }
        return try TemplateLibrary(folders: folders()).templates.first { $0.name == name }?.picture ?? file
    }

    fileprivate static func read(_ file: URL) throws -> LibraryTemplate {
        let stem = file.deletingPathExtension()
        let pictures = ["png", "jpg", "jpeg"].map { stem.appendingPathExtension($0) }
        guard let picture = pictures.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
            throw PortraitError.unreadableTemplate(file: file.path, reason: "there is no picture beside it")
        }
        do {
            let description = try JSONDecoder().decode(
                LibraryTemplate.Description.self, from: Data(contentsOf: file))
            return LibraryTemplate(name: stem.lastPathComponent, description: description, picture: picture)
        } catch {
            throw PortraitError.unreadableTemplate(file: file.path, reason: JSONFile.reason(error))
        }
    }
}
