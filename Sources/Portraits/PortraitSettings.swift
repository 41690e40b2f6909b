import Diffusion
import Foundation

/// A request with every open choice settled: what was really used, and what is written into the picture's file.
///
/// Deliberately without the photos' paths or anything computed from the face: a picture can be passed on.
public struct PortraitSettings: Sendable, Codable, Equatable {
    /// A LoRA that was merged.
    public struct LoRA: Sendable, Codable, Equatable {
        public var name: String
        public var weight: Float
    }

    /// Version of this record.
    public var schema = 1
    public var prompt: String
    public var negativePrompt: String
    public var style: String?
    public var loras: [LoRA]
    public var model: String
    public var modelHash: String
    public var adapter: String?
    public var steps: Int
    public var sampler: SamplerKind
    public var guidanceScale: Float
    public var seed: UInt64
    public var width: Int
    public var height: Int
    public var photoCount: Int
    public var identityWeight: Float
    public var identityStart: Float
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
                name: "the identity's start", value: "\(identity.start)", allowed: "at most its end, \(identity.end)")
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
