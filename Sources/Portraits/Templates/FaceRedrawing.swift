import Foundation
import Imaging
import Networks
import Tensors

/// One face of a template on its way to somebody else's: its square, and the masks that say how far it is redrawn.
struct FaceRedrawing {
    /// How far beyond the face's outline is drawn anew, in parts of the face's width: chin and temples differ.
    private static let margin = 0.08

    let face: TemplateFace
    let square: TemplateSquare
    /// The template's part as the model sees it.
    let original: Image
    /// The face itself, with a soft edge inside of its outline; `original`'s size.
    let faceMask: Mask
    /// What is drawn anew, 0 or 1, `original`'s size.
    let redrawn: Mask
    /// What of the result is laid over the template, `square.side` pixels: the same with a soft edge inside.
    let blended: Mask

    /// - Throws: `PortraitError.faceNumberOutOfRange`.
    init(number: Int, of template: TemplatePicture, in image: Image, share: Double, side: Int) throws {
        let (face, others) = (try template.face(number), template.others(than: number))
        let square = TemplateSquare(around: face.detected.box, share: share, paintedSide: side)
        let part = Self.margin * Double(face.detected.box.width) / Double(square.side)
        func radius(_ side: Int) -> Int { max(1, Int((part * Double(side)).rounded())) }
        /// The face in pixels of a square of that size, with an edge inside that is `softness` pixels wide; without what
        /// belongs to other people: the heads of those in front, and the faces of those behind as far as they are seen.
        func region(grownBy growth: Int, softness: Int, side: Int) -> Mask {
            func mask(_ polygon: [Point]) -> Mask { square.mask(of: polygon, side: side) }
            let outline = mask(face.outline.polygon)
            let own = outline.dilated(radius: growth).feathered(radius: softness)
            let inside = outline.feathered(radius: softness / 2)
            return others.reduce(own) { rest, other in
                let theirs = mask(other.outline.polygon)
                guard other.isBefore(face) else { return rest.subtracting(theirs.subtracting(inside)) }
                return rest.subtracting(theirs)
                    .subtracting(mask(other.outline.head).feathered(radius: softness / 2))
            }
        }
        self.face = face
        self.square = square
        let own = square.mask(of: face.outline.polygon, side: square.side)
        original = square.painted(
            from: image,
            hiding: others.map { other in
                let theirs = square.mask(of: other.outline.polygon, side: square.side)
                return other.isBefore(face) ? theirs : theirs.subtracting(own)
            })
        faceMask = region(grownBy: 0, softness: radius(side), side: side)
        let touched = region(grownBy: radius(side), softness: 0, side: side)
        redrawn = Mask(width: side, height: side, values: touched.values.map { $0 > 0 ? 1 : 0 })
        let margin = radius(square.side)
        blended = region(grownBy: margin, softness: 2 * margin, side: square.side)
    }

    /// The square with the face of a finished portrait laid over it, eyes on eyes and mouth on mouth.
    ///
    /// - Throws: `ImagingError.degenerateLandmarks`.
    func pasting(_ portrait: Image, landmarks: [Point]) throws -> Image {
        let toPortrait = try SimilarityTransform(
            from: face.detected.points.map(square.painted), to: landmarks)
        let warped = portrait.warped(by: toPortrait, width: original.width, height: original.height)
        return warped.blended(over: original, mask: faceMask)
    }

    /// 1 where latents are drawn anew, [1, height, width, channels] of latents with `scale` pixels on a side.
    func latentMask(scale: Int, channels: Int, in workspace: Workspace) -> Tensor {
        let mask = redrawn.shrunken(by: scale)
        let values = mask.values.flatMap { [Float](repeating: $0, count: channels) }
        return Tensor(values, shape: [1, mask.height, mask.width, channels], in: workspace)
    }
}
