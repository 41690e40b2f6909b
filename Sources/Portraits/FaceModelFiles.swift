import Foundation
import Networks
import Tensors
import Weights

/// The files that carry a person into a base model: adapter with resampler, and identity encoder.
struct FaceModelFiles: Sendable {
    let adapter: URL
    let encoder: URL
    /// Whether the encoder stands beside the base model, so that the model's profile speaks of it.
    let isBesideModel: Bool

    private static let extensions = ["safetensors", "ckpt", "pt", "pth", "bin"]

    /// Finds the two files a request asks for; `nil` when it asks for no adapter.
    ///
    /// The adapter stands beside the base model unless it is named. The encoder is the one beside the adapter, then
    /// the one beside the base model, unless it is named: an adapter understands one encoder only.
    ///
    /// - Throws: `PortraitError.adapterNotFound`, `.encoderNotFound`, `.modelNotFound`.
    static func find(_ models: PortraitRequest.Models, base: URL) throws -> FaceModelFiles? {
        let adapter: URL
        switch models.adapter {
        case .none: return nil
        case .file(let file): adapter = file
        case .besideModel:
            guard let file = beside(base, named: "face_adapter") else {
                throw PortraitError.adapterNotFound(model: base.path)
            }
            adapter = file
        }
        guard
            let encoder = models.encoder ?? beside(adapter, named: "face_encoder")
                ?? beside(base, named: "face_encoder")
        else { throw PortraitError.encoderNotFound(model: base.path) }
        return FaceModelFiles(
            adapter: adapter, encoder: encoder,
            isBesideModel: encoder.path == beside(base, named: "face_encoder")?.path)
    }

    /// A file of that name in a folder, or in the folder of a file.
    static func beside(_ place: URL, named name: String) -> URL? {
        let folder = place.isFolder ? place : place.deletingLastPathComponent()
        return extensions.map { folder.appendingPathComponent("\(name).\($0)") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// The encoder; what its shapes do not tell stands in a JSON file beside it, or is TransFace-S's.
    ///
    /// - Parameter scope: the root of the encoder's file.
    func loadEncoder(_ scope: WeightScope) throws -> TransFaceEncoder {
        let sizes = encoder.deletingPathExtension().appendingPathExtension("json")
        let configuration =
            FileManager.default.fileExists(atPath: sizes.path)
            ? try readConfiguration(TransFaceEncoder.Configuration.self, from: sizes) : .small
        return try TransFaceEncoder(scope, configuration: configuration)
    }

    /// Whether the encoder sees heads alone: the profile speaks of the encoder beside the model.
    func masksHead(by profile: ModelProfile) -> Bool { !isBesideModel || profile.masksHead ?? true }

    /// What scores of the encoder mean: the profile's scale is that of the encoder beside the model.
    func likenessScale(of profile: ModelProfile) -> Likeness.Scale {
        isBesideModel ? profile.likeness ?? .transFace : .transFace
    }
}
