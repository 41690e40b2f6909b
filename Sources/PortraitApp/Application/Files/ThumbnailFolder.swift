import Foundation
import Imaging
import Portraits

/// The thumbnails of styles: those shipped for the embedded model, and those painted with the user's own models.
struct ThumbnailFolder: Sendable {
    private static let side = 256

    let cache: URL
    /// Shipped thumbnails of the embedded model.
    let shipped: URL

    /// The thumbnails there are for a model: files by style name.
    func files(for model: ModelSummary) -> [String: String] {
        let folders = (model.location == nil ? [shipped] : []) + [folder(of: model)]
        var found: [String: String] = [:]
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names where name.hasSuffix(".png") {
                found[String(name.dropLast(4))] = folder.appendingPathComponent(name).path
            }
        }
        return found
    }

    /// Keeps a portrait as the thumbnail of a style.
    func keep(_ image: Image, style: String, model: ModelSummary) throws -> URL {
        let folder = folder(of: model)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("\(style).png")
        try ImageFile.writePNG(
            image.fitted(longestSide: Self.side, filter: .area),
            texts: [PictureOrigin.trainedAlgorithmicMedia.pngText], to: file.path, ifExists: .replace)
        return file
    }

    /// One folder a model; models of the same name in other places are told apart by a hash of the place.
    private func folder(of model: ModelSummary) -> URL {
        let letters = model.title.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let place = model.location.map { "-" + SHA256.hexadecimal(Array($0.path.utf8)).prefix(8) } ?? ""
        return cache.appendingPathComponent(String(letters) + place)
    }
}
