import Diffusion
import Foundation

/// A request with every open choice settled: what was really used, and what is written into the picture's file.
///
/// Deliberately without the photos' paths or anything computed from the face: a picture can be passed on.
public struct PortraitSettings: Sendable, Codable, Equatable {
    /// A LoRA that was merged.
    public struct LoRA: Sendable, Codable, Equatable {
        /// The file's name without folder and extension.
        public var name: String
        /// Multiplier of its change.
        public var weight: Float
    }

    /// Version of this record.
    public var schema = 1
    /// The whole text that was encoded, with the style's and the model's words.
    public var prompt: String
    /// The same of what to avoid.
    public var negativePrompt: String
    /// The style's name, if one was chosen.
    public var style: String?
    /// What was merged, in order.
    public var loras: [LoRA]
    /// The base model's name.
    public var model: String
    /// The base model's short hash.
    public var modelHash: String
    /// The face adapter's file name; nil if no face was used.
    public var adapter: String?
    /// Denoising steps.
    public var steps: Int
    /// The algorithm that walked from noise to picture.
    public var sampler: SamplerKind
    /// Classifier-free guidance; 1 is none.
    public var guidanceScale: Float
    /// Seed of the noise.
    public var seed: UInt64
    /// Pixels in a row.
    public var width: Int
    /// Rows of pixels.
    public var height: Int
    /// How many photos of the person were used.
    public var photoCount: Int
    /// The face adapter's weight; 0 if no face was used.
    public var identityWeight: Float
    /// Fraction of the steps after which the face began to count.
    public var identityStart: Float
    /// Fraction of the steps after which it ended.
    public var identityEnd: Float

    /// The names `--sampler` takes.
    public static var samplerNames: [String] { SamplerKind.allCases.map(\.rawValue) }
}

extension PortraitRequest {
    /// Settles every open choice by the model's profile and checks what can be checked before any weight is read.
    ///
    /// - Throws: `PortraitError.valueOutOfRange`, `.unknownSampler`, `.noPhoto`.
    func settled(for model: ModelFiles, loras: LoRAPlan) throws -> PortraitSettings {
        let profile = model.profile
        guard !photos.isEmpty else { throw PortraitError.noPhoto }
        guard identity.start <= identity.end else {
            throw PortraitError.valueOutOfRange(
                name: "the identity's start", value: "\(identity.start)",
                allowed: "at most its end, \(identity.end)")
        }
        let samplerName = sampler ?? profile.sampler
        guard let sampler = SamplerKind(rawValue: samplerName) else {
            throw PortraitError.unknownSampler(name: samplerName, known: PortraitSettings.samplerNames)
        }
        return PortraitSettings(
            prompt: Self.joined([prompt, style?.prompt, profile.promptSuffix]),
            negativePrompt: Self.joined([negativePrompt ?? profile.negativePrompt, style?.negativePrompt]),
            style: style?.name,
            loras: loras.record,
            model: model.title,
            modelHash: model.hash,
            adapter: nil,
            steps: steps ?? profile.steps,
            sampler: sampler,
            guidanceScale: guidanceScale ?? profile.guidanceScale,
            seed: seed,
            width: width ?? profile.width,
            height: height ?? profile.height,
            photoCount: photos.count,
            identityWeight: identity.weight ?? profile.identityWeight,
            identityStart: identity.start,
            identityEnd: identity.end)
    }

    private static func joined(_ parts: [String?]) -> String {
        parts.compactMap { $0?.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
            .joined(separator: ", ")
    }
}
