import Diffusion
import Foundation

/// A request with every open choice settled: what was really used, and what is written into the picture's file.
///
/// Deliberately without the photos' paths or anything that tells of the face but one score: a picture can be passed on.
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
    /// The whole text that was encoded, with the person's, the style's and the model's words.
    public var prompt: String
    /// The same of what to avoid.
    public var negativePrompt: String
    /// The words for each person, in the order of a template's faces; nil if nothing was said. Those of the first are
    /// part of both prompts here.
    public var personWords: [PersonWords]?
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
    /// How much the face is the person's, as the identity encoder judges; nil where it could not.
    public var likeness: Likeness?
    /// What was redrawn, if the picture began as a template.
    public var template: Template?

    /// A template and which of its faces were redrawn.
    public struct Template: Sendable, Codable, Equatable {
        /// The file's name without folder and extension.
        public var name: String
        /// Counted from the left, 1-based.
        public var faces: [Int]
        /// How much was drawn anew, 0…1.
        public var strength: Float
        /// What ControlNets held meanwhile: `pose`, `canny`; nil if nothing.
        public var controls: [String]?
    }

    /// What ControlNets followed, in order; nil if nothing.
    public var controls: [Control]?

    /// A posture that was followed.
    public struct Control: Sendable, Codable, Equatable {
        /// The pose picture's file name without folder and extension; nil for a skeleton that came from no file.
        public var pose: String?
        /// The ControlNet's name without folder and extension; nil for the one beside the model.
        public var network: String?
        /// The ControlNet's weight.
        public var weight: Float
        /// Fraction of the steps after which it began.
        public var start: Float
        /// Fraction of the steps after which it ended.
        public var end: Float
    }

    /// The names `--sampler` takes.
    public static var samplerNames: [String] { SamplerKind.allCases.map(\.rawValue) }
}

extension PortraitRequest {
    /// Settles every open choice by the model's profile and checks what can be checked before any weight is read.
    ///
    /// - Throws: `PortraitError.valueOutOfRange`, `.unknownSampler`, `.noPhoto`, `.noFaceChosen`.
    func settled(for model: ModelFiles, loras: LoRAPlan) throws -> PortraitSettings {
        let profile = model.profile
        let people = try people()
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
            personWords: promptPrefix.flatMap { prefix in
                prefix.isEmpty ? nil : people.map { _ in PersonWords(prefix: prefix) }
            },
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
            photoCount: people.map(\.photos.count).reduce(0, +),
            identityWeight: identity.weight ?? profile.identityWeight,
            identityStart: identity.start,
            identityEnd: identity.end,
            template: template.map {
                PortraitSettings.Template(
                    name: $0.picture.deletingPathExtension().lastPathComponent,
                    faces: $0.faces.map(\.number), strength: $0.strength)
            },
            controls: try activeControls.isEmpty ? nil : activeControls.map { try $0.settled() })
    }

    /// At weight 0 a pose is as if it were not there, in the picture and in its record. A template's people keep the
    /// postures they have there.
    var activeControls: [PoseControl] { template == nil ? controls.filter { $0.weight != 0 } : [] }

    /// Everybody whose photos the job needs, in the order of the template's chosen faces.
    ///
    /// - Throws: `PortraitError.noPhoto`, `.noFaceChosen`.
    func people() throws -> [PersonPhotos] {
        let people = template?.faces.map(\.person) ?? [person]
        if let template, template.faces.isEmpty {
            throw PortraitError.noFaceChosen(template: template.picture.path)
        }
        guard people.allSatisfy({ !$0.photos.isEmpty }) else { throw PortraitError.noPhoto }
        return people
    }

    private static func joined(_ parts: [String?]) -> String { PortraitSettings.joined(parts) }
}

extension PortraitSettings {
    /// Both prompts with what they say of a person.
    func prompts(for person: PersonWords) -> (prompt: String, negativePrompt: String) {
        (Self.joined([person.prefix, prompt]), Self.joined([negativePrompt, person.avoided]))
    }

    /// Words that are there, separated by commas.
    static func joined(_ parts: [String?]) -> String {
        parts.compactMap { $0?.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
            .joined(separator: ", ")
    }
}
