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

    /// The face alone, from the forehead to the chin.
    ///
    /// - Throws: `PortraitError.faceNumberOutOfRange`.
    init(number: Int, of template: TemplatePicture, in image: Image, share: Double, side: Int) throws {
        let (face, others) = (try template.face(number), template.others(than: number))
        let square = TemplateSquare(around: face.detected.box, share: share, paintedSide: side)
        let own = square.mask(of: face.outline.polygon, side: square.side)
        let neighbours = Neighbours(of: face, others: others, in: square, of: image)
        (self.face, self.square) = (face, square)
        original = square.painted(
            from: image,
            hiding: others.map { other in
                let theirs = square.mask(of: other.outline.polygon, side: square.side)
                return other.isBefore(face) ? theirs : theirs.subtracting(own)
            })
        area = RedrawnArea(of: face, in: square, edge: .face) { side in
            square.mask(of: face.outline.polygon, side: side)
        } spared: { side in
            neighbours.mask(people: nil, side: side)
        }
    }

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
    /// How an area ends, in parts of the face's width.
    struct Edge {
        /// How far beyond the outline is drawn anew.
        let growth: Double
        /// How wide the way is, inside of what is drawn anew, on which the result goes over into the template.
        let softness: Double

        /// Chin and temples differ, and skin goes over into skin.
        static let face = Edge(growth: 0.08, softness: 0.16)
    }

    /// What becomes the person's, with a soft edge inside of its outline; as large as the model paints.
    let mask: Mask
    /// What is drawn anew, 0 or 1, as large as the model paints.
    let redrawn: Mask
    /// What of the result is laid over the template, `square.side` pixels: the same with a soft edge inside.
    let blended: Mask

    /// - Parameters:
    ///   - outline: what becomes the person's, as a mask with so many pixels on a side.
    ///   - spared: what stays, because it is other people's.
    init(
        of face: TemplateFace, in square: TemplateSquare, edge: Edge, outline: (Int) -> Mask,
        spared: (Int) -> Mask
    ) {
        let width = Double(face.detected.box.width) / Double(square.side)
        func pixels(_ part: Double, _ side: Int) -> Int {
            max(1, Int((part * width * Double(side)).rounded()))
        }
        /// The outline in pixels of a square of that size, with an edge inside that is `softness` pixels wide; without what
        /// belongs to other people. Hair that comes with a new head falls behind them, since nobody asked for it in front of
        /// their faces.
        func region(_ outline: Mask, grownBy growth: Int, softness: Int) -> Mask {
            let side = outline.width
            // What is theirs ends at an edge of the template, so half of the softness is enough there.
            let theirs = spared(side).dilated(radius: softness / 2).feathered(radius: softness / 4)
            return outline.dilated(radius: growth).feathered(radius: softness).subtracting(theirs)
        }
        let side = square.paintedSide
        let painted = outline(side)
        mask = region(painted, grownBy: 0, softness: pixels(edge.softness / 2, side))
        let touched = region(painted, grownBy: pixels(edge.growth, side), softness: 0)
        redrawn = Mask(width: side, height: side, values: touched.values.map { $0 > 0 ? 1 : 0 })
        blended = region(
            outline(square.side), grownBy: pixels(edge.growth, square.side),
            softness: pixels(edge.softness, square.side))
    }
}
