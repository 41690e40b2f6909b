import Foundation
import Portraits

/// The folders and files the application works with, found once at the start.
struct AppServices: Sendable {
    let folders: AppFolders
    let resources: ResourceLocator
    let configuration: AppConfiguration
    /// What was wrong with the configuration and the user's styles and templates.
    let complaints: [String]
    let gallery: Gallery
    let thumbnails: ThumbnailFolder
    let catalog: ModelCatalog
    let library: StyleLibrary
    let templates: [LibraryTemplate]

    /// - Throws: `PortraitError` when the program's own files are missing or cannot be read.
    init(environment: [String: String], options: BrowseOptions) throws {
        let folders = AppFolders(environment: environment)
        let (configuration, mistakes) = AppConfiguration.read(folders.configurationFile)
        var complaints = mistakes
        let resources = try ResourceLocator(environment: environment)
        self.folders = folders
        self.resources = resources
        self.configuration = configuration
        gallery = Gallery(
            folder: options.gallery.map(folders.url) ?? configuration.galleryFolder(in: folders))
        thumbnails = ThumbnailFolder(
            cache: folders.thumbnails, shipped: resources.home.appendingPathComponent("Styles/thumbnails"))
        catalog = ModelCatalog(resources: resources)
        // One broken file among the user's own must not keep the program from opening.
        do {
            library = try StyleLibrary(folders: resources.styleFolders)
        } catch {
            library = try StyleLibrary(folders: Array(resources.styleFolders.prefix(1)))
            complaints.append("Your own styles are left out: \(ErrorSentence.of(error))")
        }
        do {
            templates = try TemplateLibrary(folders: resources.templateFolders).templates
        } catch {
            templates = try TemplateLibrary(folders: Array(resources.templateFolders.prefix(1))).templates
            complaints.append("Your own templates are left out: \(ErrorSentence.of(error))")
        }
        self.complaints = complaints
    }

    /// The shipped photo to begin with.
    var examplePhoto: String? {
        ["mira.png", "jonas.png", "astronaut.jpg"].map {
            resources.home.appendingPathComponent("Examples/\($0)").path
        }
        .first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The styles whose LoRA is in none of the folders where it is looked for.
    var stylesWithoutLoRA: Set<String> {
        let missing = library.styles.filter { $0.lora.map { resources.lora(named: $0.file) == nil } ?? false }
        return Set(missing.map(\.name))
    }
}
