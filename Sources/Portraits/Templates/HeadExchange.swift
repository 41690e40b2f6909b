import Imaging
import Networks

/// A template in which one head is another's.
struct ExchangedHead {
    let image: Image
    /// The part of the picture that may have changed.
    let square: TemplateSquare
    /// Where it is no longer what it was, 0 or 1, in pixels of the square as it is painted.
    let changed: Mask
    /// How much of each of these pixels shows the new head or its neck.
    let person: Mask
}

/// A template's head with the person's own in its place.
///
/// Where heads of different people are exchanged, hair ends elsewhere: what the old one had covered is made of what surrounds
/// it, the neck takes the new skin's tone, and the new one is laid over, behind whoever stands before it.
struct HeadExchange {
    /// The part of the square that the face takes up: long hair and buns lie in it, too.
    private static let faceShare = 0.26
    /// Pixels on a side of the square that is worked on, at most.
    private static let largestSide = 720
    /// How far around what was the old head's pixels show something of it, in parts of the face's width.
    private static let rim = 0.04
    /// How soft edges are, in pixels.
    private static let softness = 1.5

    private let face: TemplateFace
    private let square: TemplateSquare
    private let picture: Image
    private let outline: FaceOutline
    private let neighbours: Neighbours
    /// The template's head.
    private let old: Mask
    /// What shows something of it.
    private let gone: Mask
    /// What belongs to others.
    private let spared: Mask
    /// What of the square lies outside of the picture.
    private let beyond: Mask

    /// - Parameter rough: where the template shows heads, about, in its pixels; `nil` where that is not known.
    init(of face: TemplateFace, others: [TemplateFace], in image: Image, rough: HeadMask?) {
        let box = face.detected.box
        let side = TemplateSquare(around: box, share: Self.faceShare, paintedSide: 1).side
        let square = TemplateSquare(
            around: box, share: Self.faceShare, paintedSide: min(side, Self.largestSide))
        let picture = square.painted(from: image, hiding: [])
        let neighbours = Neighbours(of: face, others: others, in: square, of: image)
        let outline = face.outline.mapped(square.painted)
        func seen(_ contains: (Point) -> Bool) -> Mask {
            Mask(width: picture.width, height: picture.height) { contains(square.template($0)) ? 1 : 0 }
        }
        let heads = rough.map { seen($0.contains) } ?? square.mask(of: face.outline.head, side: picture.width)
        let people =
            rough.map { rough in seen { rough.showsSomebody(at: $0) ?? false } }
            ?? square.mask(of: face.outline.fall, side: picture.width)
        (self.face, self.square, self.picture) = (face, square, picture)
        (self.neighbours, self.outline) = (neighbours, outline)
        let beyond = seen {
            $0.x < -0.5 || $0.y < -0.5 || $0.x > Double(image.width) - 0.5
                || $0.y > Double(image.height) - 0.5
        }
        self.beyond = beyond
        let old = neighbours.own(
            outline.head(
                near: neighbours.own(heads), people: people, beyond: beyond, in: picture)
        ).subtracting(beyond)
        self.old = old
        let rim = max(2, Int((Self.rim * outline.width).rounded()))
        gone = old.dilated(radius: rim)
        spared = neighbours.mask(people: heads.subtracting(gone), side: square.paintedSide)
    }

    /// The template with another head.
    ///
    /// - Throws: `ImagingError.degenerateLandmarks`.
    func exchanged(for head: HeadCutout, in image: Image) throws -> ExchangedHead {
        let toPortrait = try transform(to: head)
        let side = square.paintedSide
        let comes = head.portrait.warped(by: toPortrait, width: side, height: side)
        let theirs = spared.dilated(radius: 1)
        let new = head.mask.warped(by: toPortrait, width: side, height: side)
            .subtracting(theirs.blurred(sigma: Self.softness))
        let neck = NeckSkin(
            in: picture, below: outline.polygon, chin: outline.chin, head: old.union(new)
        ) { neighbours.own($0) }
        let gone = gone.blurred(sigma: Self.softness).subtracting(spared)
        let toned = neck.toned(picture, as: comes, face: outline.polygon)
        let bared = toned.filled(where: gone.union(spared).union(beyond)).blended(over: toned, mask: gone)
        let composed = comes.blended(over: bared, mask: new)
        let changed = Mask(
            width: side, height: side,
            values: gone.union(neck.mask).union(new).values.map { $0 > 0 ? 1 : 0 })
        return ExchangedHead(
            image: square.replaced(in: image, by: composed, mask: changed.sampled(side: square.side)),
            square: square, changed: changed, person: new.union(neck.mask))
    }

    /// From the square's pixels to the portrait's: outline on outline where a mesh tells both, else landmark on landmark.
    private func transform(to head: HeadCutout) throws -> SimilarityTransform {
        outline.polygon.count == head.outline.polygon.count
            ? try SimilarityTransform(from: outline.polygon, to: head.outline.polygon)
            : try SimilarityTransform(from: face.detected.points.map(square.painted), to: head.landmarks)
    }
}
