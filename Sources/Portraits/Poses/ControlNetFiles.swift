import Foundation
import Networks
import Weights

/// A ControlNet's weights and sizes, found and opened but not loaded.
struct ControlNetFiles: Sendable {
    let weights: any WeightSource
    /// Its `config.json`.
    let configuration: URL
    /// The same for the same weights.
    let key: String

    private static let extensions: Set<String> = ["safetensors", "pth", "ckpt", "pt", "bin"]

    /// Finds the network a job asks for: a diffusers folder, or a file in diffusers' or the original format.
    ///
    /// - Parameters:
    ///   - location: as the user named it, or `nil` for `controlnet/` in the model's folder.
    ///   - shape: the configurations of Stable Diffusion 1, for files that come without.
    /// - Throws: `PortraitError.controlNetNotFound`, `.modelIncomplete`, or what is wrong with the weights.
    static func find(_ location: URL?, beside model: ModelFiles, shape: URL) throws -> ControlNetFiles {
        let place = location ?? place(beside: model.location)
        guard FileManager.default.fileExists(atPath: place.path) else {
            throw PortraitError.controlNetNotFound(
                path: place.path, isNamed: location != nil, family: model.profile.family)
        }
        let file = place.isFolder ? try weights(inFolder: place) : place
        let checkpoint = try ControlNetCheckpoint(WeightFile.open(file.path))
        let own = (place.isFolder ? place : place.deletingLastPathComponent())
            .appendingPathComponent("config.json")
        let standard = shape.appendingPathComponent("controlnet/config.json")
        // The original format knows only Stable Diffusion's sizes, whatever else lies in its folder.
        let hasOwnSizes =
            !checkpoint.isOriginalFormat && FileManager.default.fileExists(atPath: own.path)
        return ControlNetFiles(
            weights: checkpoint.network, configuration: hasOwnSizes ? own : standard,
            key: "\(file.path) \(try ModelHash.short(of: file))")
    }

    /// Where a model's own ControlNet is looked for: `controlnet/` in its folder, or beside its file.
    static func place(beside model: URL) -> URL {
        (model.isFolder ? model : model.deletingLastPathComponent()).appendingPathComponent("controlnet")
    }

    /// The folder itself in the layout of diffusers; else the only file of weights in it, under whatever name.
    private static func weights(inFolder folder: URL) throws -> URL {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let files = names.map { folder.appendingPathComponent($0) }
            .filter { extensions.contains($0.pathExtension) }
        return names.contains("config.json") || files.count != 1 ? folder : files[0]
    }
}
