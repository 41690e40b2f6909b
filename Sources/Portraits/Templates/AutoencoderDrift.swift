import Imaging
import Tensors

/// What an autoencoder changes of a picture when it encodes and decodes it again.
///
/// A redrawn picture has the same change where nothing was drawn, so that it can be taken back there (the reference's
/// inpainting pipeline, modelscope/facechain `facechain_inpaint_fact.py`).
package struct AutoencoderDrift {
    /// [1, height, width, 3], what was lost.
    private let lost: Tensor

    /// - Parameter reconstruction: `original`, encoded and decoded, [1, height, width, 3] in -1…1.
    package init(of original: Image, reconstruction: Tensor) {
        lost = original.tensor(range: .signedUnit, in: reconstruction.workspace) - reconstruction
    }

    /// A painted picture of -1…1 without the drift, as far as the mask says.
    package func removed(from painted: Tensor, within mask: Mask) -> Tensor {
        let weights = mask.values.flatMap { [$0, $0, $0] }
        return painted + lost * Tensor(weights, shape: painted.shape, in: painted.workspace)
    }
}
