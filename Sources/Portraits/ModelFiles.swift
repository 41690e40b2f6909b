import Diffusion
import Foundation
import Networks
import Weights

/// A base model's parts with what belongs to it, found and opened but not loaded.
struct ModelFiles: Sendable {
    /// One network's weights and the file with its sizes.
    struct Part: Sendable {
        let weights: any WeightSource
        let configuration: URL
    }

    /// What people read: the folder's or file's name, or the profile's title for the embedded model.
    let title: String
    /// Tells two models apart in a picture's metadata; see `ModelHash`.
    let hash: String
    /// Where it was found.
    let location: URL
    let profile: ModelProfile
    let unet: Part
    let autoencoder: Part
    let textEncoder: Part
    /// The folder with `vocab.json` and `merges.txt`.
    let tokenizer: URL
    /// `scheduler_config.json`
    let scheduler: URL

    /// The same for the same weights, whatever else is asked for.
    var key: String { "\(location.path) \(hash)" }

    /// Finds the base model that a request asks for: a diffusers folder, or a checkpoint in a single file.
    ///
    /// - Throws: `PortraitError.modelNotFound`, `.modelIncomplete`, or what is wrong with the weights.
    static func find(_ models: PortraitRequest.Models, resources: ResourceLocator) throws -> ModelFiles {
        let location = models.base ?? resources.embeddedModel
        guard FileManager.default.fileExists(atPath: location.path) else {
            throw PortraitError.modelNotFound(path: location.path)
        }
        return location.isFolder
            ? try folder(location) : try singleFile(location, shape: resources.stableDiffusionShape)
    }

    /// A folder in the layout of diffusers.
    private static func folder(_ folder: URL) throws -> ModelFiles {
        let profile = try ModelProfile.read(inFolder: folder)
        let unet = try part(folder.appendingPathComponent("unet"), of: folder)
        return ModelFiles(
            title: profile.family == "atelier" ? profile.title : folder.lastPathComponent,
            hash: try ModelHash.short(of: folder.appendingPathComponent("unet")),
            location: folder,
            profile: profile,
            unet: unet,
            autoencoder: try part(folder.appendingPathComponent("vae"), of: folder),
            textEncoder: try part(folder.appendingPathComponent("text_encoder"), of: folder),
            tokenizer: try existing("tokenizer/vocab.json", in: folder).deletingLastPathComponent(),
            scheduler: try existing("scheduler/scheduler_config.json", in: folder))
    }

    /// A checkpoint in one file holds weights only; the folder it lies in tells the sizes if it can, Stable
    /// Diffusion 1's shape does otherwise.
    private static func singleFile(_ file: URL, shape: URL) throws -> ModelFiles {
        let checkpoint = try SingleFileCheckpoint(WeightFile.open(file.path))
        let beside = file.deletingLastPathComponent()
        let sizes =
            FileManager.default.fileExists(atPath: beside.appendingPathComponent("unet/config.json").path)
            ? beside : shape
        return ModelFiles(
            title: file.deletingPathExtension().lastPathComponent,
            hash: try ModelHash.short(of: file),
            location: file,
            profile: try ModelProfile.read(inFolder: sizes),
            unet: Part(weights: checkpoint.unet, configuration: try existing("unet/config.json", in: sizes)),
            autoencoder: Part(
                weights: checkpoint.autoencoder, configuration: try existing("vae/config.json", in: sizes)),
            textEncoder: Part(
                weights: checkpoint.textEncoder,
                configuration: try existing("text_encoder/config.json", in: sizes)),
            tokenizer: try existing("tokenizer/vocab.json", in: sizes).deletingLastPathComponent(),
            scheduler: try existing("scheduler/scheduler_config.json", in: sizes))
    }

    private static func part(_ folder: URL, of model: URL) throws -> Part {
        let configuration = try existing("\(folder.lastPathComponent)/config.json", in: model)
        return Part(weights: try WeightFile.open(folder.path), configuration: configuration)
    }

    private static func existing(_ name: String, in folder: URL) throws -> URL {
        let file = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw PortraitError.modelIncomplete(folder: folder.path, missing: name)
        }
        return file
    }
}
