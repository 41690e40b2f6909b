import Foundation
import Tensors
import Weights

/// The LoRAs of a job, found and read, and the weights with them merged.
struct LoRAPlan {
    /// What is written into the picture: those with an effect.
    let record: [PortraitSettings.LoRA]
    /// Sentences for the user: keys that found no place.
    let notices: [String]
    /// The same for the same LoRAs with the same weights.
    let key: String
    let unet: any WeightSource
    let textEncoder: any WeightSource

    init(for request: PortraitRequest, model: ModelFiles, resources: ResourceLocator) throws {
        record = []
        notices = []
        key = ""
        unet = model.unet.weights
        textEncoder = model.textEncoder.weights
    }
}
