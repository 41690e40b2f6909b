import Foundation
import Imaging
import Portraits
import Synchronization

/// What latents look like, model by model: learned from every finished picture and kept between sessions.
final class PreviewColors: Sendable {
    /// The longest side of a live picture.
    private static let side = 512
    /// Stable Diffusion 1's autoencoder, as far as a linear map can say; after the first picture the learned one counts.
    private static let stableDiffusion = LatentColors(weights: [
        [0.175, 0.163, -0.141, -0.106, 0.5], [0.115, 0.249, 0.088, -0.131, 0.5],
        [0.161, 0.118, 0.136, -0.359, 0.5],
    ])

    private let file: URL
    private let learned: Mutex<[String: LatentColors]>

    init(file: URL) {
        self.file = file
        let bytes = try? Data(contentsOf: file)
        learned = Mutex(
            bytes.flatMap { try? JSONDecoder().decode([String: LatentColors].self, from: $0) } ?? [:])
    }

    /// A guess at the picture that latents will become, smoothly enlarged.
    func picture(of latents: LatentPreview, model: ModelSummary) -> Image? {
        let known = learned.withLock { $0[model.id] }
        let guess =
            model.profile.family == "stable-diffusion-v1" && latents.channels == 4
            ? Self.stableDiffusion : nil
        let colors = known ?? guess ?? .unknown(channels: latents.channels)
        guard let small = colors.picture(of: latents) else { return nil }
        let scale = Self.side / max(small.width, small.height)
        guard scale > 1 else { return small }
        return small.resized(width: small.width * scale, height: small.height * scale, filter: .bicubic)
    }

    /// Learns from the last latents of a picture and what became of them.
    func learn(from latents: LatentPreview, picture: Image, model: ModelSummary) {
        guard let colors = LatentColors.fitted(to: latents, picture: picture) else { return }
        let all = learned.withLock { learned in
            learned[model.id] = colors
            return learned
        }
        // A cache: when it cannot be written, the next session learns again.
        try? FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? JSONEncoder().encode(all).write(to: file, options: .atomic)
    }
}
