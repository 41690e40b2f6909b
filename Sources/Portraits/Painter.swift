import Diffusion
import Networks
import Tensors
import Weights

/// A person, as the adapter understands one.
struct Person {
    let embeddings: FaceEmbeddings
    /// The person's identity vector; empty where the encoder has no head to make one.
    let identity: [Float]
    let adapterWeights: any WeightSource
    /// Tells two adapter files apart.
    let adapterKey: String
}

/// Everything that turns noise into a picture, loaded and known to fit together.
struct Painter {
    let unet: UNet2DConditionModel
    let autoencoder: AutoencoderKL
    let adapter: FaceAdapter?
    let schedule: NoiseSchedule

    /// The latents of a picture, [1, height, width, channels].
    func latentsShape(of settings: PortraitSettings) -> [Int] {
        let scale = autoencoder.configuration.pixelsPerLatent
        return [1, settings.height / scale, settings.width / scale, unet.configuration.inputChannels]
    }

    /// Checks that the picture's size suits both networks.
    ///
    /// - Throws: `PortraitError.sizeNotMultiple`.
    func check(_ settings: PortraitSettings) throws {
        let multiple = autoencoder.configuration.pixelsPerLatent * unet.configuration.latentSizeMultiple
        guard settings.width % multiple == 0, settings.height % multiple == 0 else {
            throw PortraitError.sizeNotMultiple(
                width: settings.width, height: settings.height, multiple: multiple)
        }
    }
}
