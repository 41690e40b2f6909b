import Foundation
import Imaging
import Networks
import Tensors

/// One face of a template on its way to somebody else's: its square, and the masks that say how far it is redrawn.
struct FaceRedrawing {
    let face: TemplateFace
    let square: TemplateSquare
    /// The template's part as the model sees it.
    let original: Image
    let area: RedrawnArea
    /// Where other people's faces are, masks of `square.side` pixels.
    private let hidden: [Mask]

    /// The face alone, from the forehead to the chin.
    ///
    /// - Throws: `PortraitError.faceNumberOutOfRange`.
    init(number: Int, of template: TemplatePicture, in image: Image, share: Double, side: Int) throws {
        let (face, others) = (try template.face(number), template.others(than: number))
        let square = TemplateSquare(around: face.detected.box, share: share, paintedSide: side)
        let own = square.mask(of: face.outline.polygon, side: square.side)
        let neighbours = Neighbours(of: face, others: others, in: square, of: image)
        hidden = others.map { other in
            let theirs = square.mask(of: other.outline.polygon, side: square.side)
            return other.isBefore(face) ? theirs : theirs.subtracting(own)
        }
        (self.face, self.square) = (face, square)
        original = square.painted(from: image, hiding: hidden)
        area = RedrawnArea(of: face, in: square) { neighbours.mask(side: $0) }
    }

    /// The square's part of another picture, which has the same people in the same places, as the model sees it.
    func seen(in image: Image) -> Image { square.painted(from: image, hiding: hidden) }

    /// The square with the face of a finished portrait laid over it, eyes on eyes and mouth on mouth.
    ///
    /// - Throws: `ImagingError.degenerateLandmarks`.
    func pasting(_ portrait: Image, landmarks: [Point]) throws -> Image {
        let toPortrait = try transform(to: landmarks)
        let warped = portrait.warped(by: toPortrait, width: original.width, height: original.height)
        return warped.blended(over: original, mask: area.mask)
    }

    /// From pixels of `original` to those of a portrait with these landmarks.
    private func transform(to landmarks: [Point]) throws -> SimilarityTransform {
        try SimilarityTransform(from: face.detected.points.map(square.painted), to: landmarks)
    }
}

/// How far a square is redrawn.
struct RedrawnArea {
    /// How far beyond the outline is drawn anew, in parts of the face's width: chin and temples differ.
    private static let growth = 0.08
    /// How wide the way is, inside of what is drawn anew, on which the result goes over into the template, in the same
    /// parts: skin goes over into skin.
    private static let softness = 0.16

    /// What becomes the person's, with a soft edge inside of its outline; as large as the model paints.
    let mask: Mask
    /// What is drawn anew, 0 or 1, as large as the model paints.
    let redrawn: Mask
    /// What of the result is laid over the template, `square.side` pixels: the same with a soft edge inside.
    let blended: Mask

    /// - Parameter spared: what stays, because it is other people's, as a mask with so many pixels on a side.
    init(of face: TemplateFace, in square: TemplateSquare, spared: (Int) -> Mask) {
        let width = Double(face.detected.box.width) / Double(square.side)
        func pixels(_ part: Double, _ side: Int) -> Int {
            max(1, Int((part * width * Double(side)).rounded()))
        }
        /// The outline in a square of that size, with an edge inside that is `softness` pixels wide; without what belongs to
        /// other people.
        func region(side: Int, grownBy growth: Int, softness: Int) -> Mask {
            // What is theirs ends at an edge of the template, so half of the softness is enough there.
            let theirs = spared(side).dilated(radius: softness / 2).feathered(radius: softness / 4)
            return square.mask(of: face.outline.polygon, side: side).dilated(radius: growth)
                .feathered(radius: softness).subtracting(theirs)
        }
        let side = square.paintedSide
        mask = region(side: side, grownBy: 0, softness: pixels(Self.softness / 2, side))
        let touched = region(side: side, grownBy: pixels(Self.growth, side), softness: 0)
        redrawn = Mask(width: side, height: side, values: touched.values.map { $0 > 0 ? 1 : 0 })
        blended = region(
            side: square.side, grownBy: pixels(Self.growth, square.side),
            softness: pixels(Self.softness, square.side))
    }
}
