import Diffusion
import Foundation

/// A finished picture in the gallery.
public struct GalleryItem: Sendable, Equatable, Identifiable {
    /// The picture's file.
    public let file: URL
    /// When it was made.
    public let date: Date
    /// What it was made with; nil for a picture that carries no record of ours.
    public let settings: PortraitSettings?

    /// Pictures are told apart by their files.
    public var id: String { file.path }

    /// A picture and what is known of it.
    public init(file: URL, date: Date, settings: PortraitSettings?) {
        self.file = file
        self.date = date
        self.settings = settings
    }
}

/// A folder of finished pictures. The pictures carry their own settings, so there is no index that could be wrong.
public struct Gallery: Sendable {
    /// Where the pictures are.
    public let folder: URL

    /// The gallery in a folder, which need not exist yet.
    public init(folder: URL) {
        self.folder = folder
    }

    /// All pictures, the newest first.
    public func items() -> [GalleryItem] {
        let keys: [URLResourceKey] = [.contentModificationDateKey, .isRegularFileKey]
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: keys, options: .skipsHiddenFiles)) ?? []
        return files.filter { $0.pathExtension.lowercased() == "png" }.map(item).sorted {
            ($0.date, $0.file.path) > ($1.date, $1.file.path)
        }
    }

    /// One picture of the gallery.
    public func item(of file: URL) -> GalleryItem {
        let values = try? file.resourceValues(forKeys: [.contentModificationDateKey])
        return GalleryItem(
            file: file, date: values?.contentModificationDate ?? .distantPast,
            settings: PortraitSettings(recordedIn: file))
    }

    /// Writes a portrait as a new file.
    ///
    /// - Returns: its entry.
    /// - Throws: what is wrong with the folder or the disk.
    public func add(_ portrait: Portrait) throws -> GalleryItem {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.unusedPNG(
            stem: "\(portrait.settings.style ?? "portrait")-\(portrait.settings.seed)")
        try portrait.writePNG(to: file)
        return item(of: file)
    }
}

extension PortraitSettings {
    /// The sampler as requests name it.
    public var samplerName: String { sampler.rawValue }

    /// What a picture says it was made with; nil when it says nothing that we understand.
    public init?(recordedIn file: URL) {
        guard let record = PNGRecord.text(keyword: "facechain", in: file),
            let settings = try? JSONDecoder().decode(PortraitSettings.self, from: Data(record.utf8))
        else { return nil }
        self = settings
    }
}
