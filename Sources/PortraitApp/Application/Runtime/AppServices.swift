import Foundation
import Portraits

/// The folders and files the application works with, found once at the start.
struct AppServices: Sendable {
    let folders: AppFolders
    let resources: ResourceLocator
    let configuration: AppConfiguration
    /// What was wrong with the configuration and the user's styles.
    let complaints: [String]
    let gallery: Gallery
    let thumbnails: ThumbnailFolder
    let catalog: ModelCatalog
    let library: StyleLibrary

    /// - Throws: `PortraitError` when the program's own files are missing or cannot be read.
    init(environment: [String: String], options: BrowseOptions) throws {
        let folders = AppFolders(environment: environment)
        let (configuration, complaints) = AppConfiguration.read(folders.configurationFile)
        let resources = try ResourceLocator(environment: environment)
        self.folders = folders
        self.resources = resources
        self.configuration = configuration
        gallery = Gallery(
            folder: options.gallery.map(folders.url) ?? configuration.galleryFolder(in: folders))
        thumbnails = ThumbnailFolder(
            cache: folders.thumbnails, shipped: resources.home.appendingPathComponent("Styles/thumbnails"))
        catalog = ModelCatalog(resources: resources)
        do {
            library = try StyleLibrary(folders: resources.styleFolders)
            self.complaints = complaints
        } catch {
            // One broken file among the user's own styles must not keep the program from opening.
            library = try StyleLibrary(folders: Array(resources.styleFolders.prefix(1)))
            self.complaints = complaints + ["Your own styles are left out: \(ErrorSentence.of(error))"]
        }
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
