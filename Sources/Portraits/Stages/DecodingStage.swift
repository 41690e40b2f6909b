import Imaging
import Networks
import Tensors

/// Clean latents → picture.
struct DecodingStage {
    let autoencoder: AutoencoderKL

    /// The picture of latents [1, height / 8, width / 8, channels].
    ///
    /// - Throws: `PortraitError.notAPicture` when the decoder's values are not numbers.
    func image(of latents: Tensor, trace: inout PortraitTrace) throws -> Image {
        let decoded = try autoencoder.decode(latents)
        guard decoded.withUnsafeBuffer({ $0.allSatisfy(\.isFinite) }) else {
            throw PortraitError.notAPicture(stage: "the decoder")
        }
        let (height, width) = (decoded.shape[1], decoded.shape[2])
        let values = decoded.values.map { min(max($0 / 2 + 0.5, 0), 1) }
        let pixels = values.map { UInt8(($0 * 255).rounded(.toNearestOrEven)) }
        let whole = Tensor(values, shape: [1, height, width, 3], in: latents.workspace).transposed([
            0, 3, 1, 2,
        ])
        trace.record("image", whole.reshaped([3, height, width]))
        return Image(width: width, height: height, channels: .rgb, pixels: pixels)
    }
}
