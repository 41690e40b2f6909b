import Foundation
import Imaging
import Networks
import Tensors

/// One face of a template on its way to somebody else's: its square, and the masks that say how far it is redrawn.
struct FaceRedrawing {
    /// How far beyond the face's outline is drawn anew, in parts of the face's width: chin and temples differ.
    private static let margin = 0.08

    let face: DetectedFace
    let square: TemplateSquare
    /// The template's part as the model sees it.
    let original: Image
    /// The face itself, with a soft edge inside of its outline; `original`'s size.
    let faceMask: Mask
    /// What is drawn anew, `original`'s size.
    let redrawn: Mask
    /// What of the result is laid over the template, `square.side` pixels: the same with a soft edge inside.
    let blended: Mask

    /// - Throws: `ImagingError.degenerateLandmarks`.
    init(
        _ face: DetectedFace, of template: TemplatePicture, in image: Image, number: Int, share: Double,
        side: Int
    )
        throws
    {
        let square = TemplateSquare(around: face.box, share: share, paintedSide: side)
        let outline = try FaceOutline(of: face).polygon
        let margin = Self.margin * Double(face.box.width) / Double(square.side)
        func radius(_ side: Int) -> Int { max(1, Int((margin * Double(side)).rounded())) }
        let outlined = square.mask(of: outline, side: side)
        self.face = face
        self.square = square
        original = square.painted(from: image, hiding: template.others(than: number))
        faceMask = outlined.feathered(radius: radius(side))
        redrawn = outlined.dilated(radius: radius(side))
        blended = square.mask(of: outline, side: square.side).dilated(radius: radius(square.side))
            .feathered(radius: 2 * radius(square.side))
    }

    /// The square with the face of a finished portrait laid over it, eyes on eyes and mouth on mouth.
    func pasting(_ portrait: Image, landmarks: [Point]) throws -> Image {
        let toPortrait = try SimilarityTransform(
            from: face.points.map(square.painted), to: landmarks)
        let warped = portrait.warped(by: toPortrait, width: original.width, height: original.height)
        return warped.blended(over: original, mask: faceMask)
    }

    /// 1 where latents are drawn anew, [1, height, width, channels] of latents with `scale` pixels on a side.
    func latentMask(scale: Int, channels: Int, in workspace: Workspace) -> Tensor {
        let mask = redrawn.shrunken(by: scale)
        let values = mask.values.flatMap { [Float](repeating: $0 > 0 ? 1 : 0, count: channels) }
        return Tensor(values, shape: [1, mask.height, mask.width, channels], in: workspace)
    }

    /// The painted square without what the autoencoder changed by itself, outside of the face.
    ///
    /// - Parameter reconstruction: `original`, encoded and decoded, of -1…1 as `painted`.
    func withoutDrift(_ painted: Tensor, reconstruction: Tensor) -> Tensor {
        let outside = faceMask.inverted.values.flatMap { [$0, $0, $0] }
        let source = original.tensor(range: .signedUnit, in: painted.workspace)
        let kept = Tensor(outside, shape: painted.shape, in: painted.workspace)
        return painted + (source - reconstruction) * kept
    }
}
