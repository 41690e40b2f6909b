import Foundation

/// What a base model likes: the defaults and the standing words that belong to it, not to a style or a person.
///
/// Read from `profile.json` in the model's folder; models without one are taken as Stable Diffusion 1.5.
public struct ModelProfile: Sendable, Codable, Equatable {
    /// The family styles refer to: `stable-diffusion-v1` or `atelier`.
    public var family: String
    /// What people read.
    public var title: String
    /// Words put behind every prompt.
    public var promptSuffix: String
    /// Words of every negative prompt.
    public var negativePrompt: String
    /// Pixels in a row.
    public var width: Int
    /// Rows of pixels.
    public var height: Int
    /// Denoising steps.
    public var steps: Int
    /// Classifier-free guidance; 1 switches it off.
    public var guidanceScale: Float
    /// The sampler's name, as in `SamplerKind`.
    public var sampler: String
    /// The face adapter's weight, 0…1.
    public var identityWeight: Float
    /// The part of a template's square that its face takes up while it is redrawn: as in the model's own portraits;
    /// `nil` is the reference's 0.7.
    public var templateFaceShare: Double? = nil
    /// Whether a person put into a template brings their hair; `nil` is the reference's way, in which the template's stays
    /// and only the face from forehead to chin is redrawn.
    public var exchangesHeads: Bool? = nil
    /// Words for what is behind a person whose head is to be cut out; `nil` are none.
    public var templateBackdrop: String? = nil
    /// Whether the identity encoder beside the model sees the head alone, everything else black; `nil` is the reference's
    /// way, which is to do so.
    public var masksHead: Bool? = nil
    /// What scores of the encoder beside the model mean; `nil` is TransFace's.
    public var likeness: Likeness.Scale? = nil
    /// The style that shows the model at its best; none if it has no favourite.
    public var style: String? = nil

    /// The reference's portrait settings for Stable Diffusion 1.5 bases (modelscope/facechain,
    /// `facechain_inference_fact.py`), with a sampler that needs 25 steps instead of 50.
    public static let stableDiffusion15 = ModelProfile(
        family: "stable-diffusion-v1",
        title: "Stable Diffusion 1.5",
        promptSuffix: "upper_body, raw photo, masterpiece, solo, medium shot, high detail face, "
            + "photorealistic, best quality",
        negativePrompt:
            "lowres, worst quality, blurry, deformed face, bad anatomy, extra fingers, extra limbs, "
            + "cropped head, watermark, text, nsfw",
        width: 512, height: 512, steps: 25, guidanceScale: 7, sampler: "dpm++2m-karras", identityWeight: 0.5)

    /// The profile beside a model, or Stable Diffusion 1.5's.
    ///
    /// - Throws: `PortraitError.unreadableProfile` when there is one that cannot be read.
    public static func read(inFolder folder: URL) throws -> ModelProfile {
        let file = folder.appendingPathComponent("profile.json")
        guard FileManager.default.fileExists(atPath: file.path) else { return stableDiffusion15 }
        do {
            return try JSONDecoder().decode(ModelProfile.self, from: Data(contentsOf: file))
        } catch {
            throw PortraitError.unreadableProfile(file: file.path, reason: JSONFile.reason(error))
        }
    }
}
