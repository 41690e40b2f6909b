import Imaging
import Networks
import Tensors

/// Clean latents → picture.
struct DecodingStage {
    let autoencoder: AutoencoderKL

    /// The picture of latents [1, height / 8, width / 8, channels].
    ///
    /// - Throws: `ImagingError.pixelsNotFinite` when the decoder's values are not numbers.
    func image(of latents: Tensor, trace: inout PortraitTrace) throws -> Image {
        let decoded = try autoencoder.decode(latents)
        trace.record("image", picture: decoded)
        return try Image(decoded, range: .signedUnit)
    }
}
