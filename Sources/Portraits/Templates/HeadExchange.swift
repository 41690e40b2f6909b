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
    /// Pixels on a side of the square that is worked on, at most.
    private static let largestSide = 720
    /// How far around what was the old head's pixels show something of it, in parts of the face's width.
    private static let rim = 0.03
    /// How soft edges are, in pixels.
    private static let softness = 1.5
    /// How wide the way over is beside other people, whose edges stay, in pixels: what is new there fades in.
    private static let fading = 9.0
    /// So many pixels around all who stand before the head do not change either.
    private static let distance = 5

    private let face: TemplateFace
    private let square: TemplateSquare
    private let picture: Image
    private let outline: FaceOutline
    /// The template's head.
    private let old: Mask
    /// What shows something of it.
    private let gone: Mask
    /// What belongs to others, or may belong to their faces.
    private let spared: Mask
    /// What of the square lies outside of the picture.
    private let beyond: Mask

    /// - Parameter head: where the template shows the face's head.
    init(of face: TemplateFace, in image: Image, head: DrawnHead) {
        let square = head.square.painted(at: min(head.square.side, Self.largestSide))
        let picture = square.painted(from: image, hiding: [])
        let outline = face.outline.mapped(square.painted)
        let seen = head.outlined(in: picture, place: square.template)
        (self.face, self.square, self.picture, self.outline) = (face, square, picture, outline)
        beyond = square.beyond(image)
        old = seen.head.subtracting(beyond)
        gone = old.dilated(radius: max(2, Int((Self.rim * outline.width).rounded())))
        spared = seen.before.dilated(radius: Self.distance)
    }

    /// The template with another head.
    ///
    /// - Throws: `ImagingError.degenerateLandmarks`.
    func exchanged(for head: HeadCutout, in image: Image) throws -> ExchangedHead {
        let toPortrait = try transform(to: head)
        let side = square.paintedSide
        let beside = spared.blurred(sigma: Self.fading / 2).map { min(1, 2 * $0) }
        let comes = head.portrait.warped(by: toPortrait, width: side, height: side)
        let new = head.mask.warped(by: toPortrait, width: side, height: side).subtracting(beside)
        let neck = NeckSkin(
            in: picture, below: outline.polygon, chin: outline.chin, head: old.union(new)
        ) { $0.subtracting(spared) }
        let toned = neck.toned(picture, as: comes, face: outline.polygon)
        // What shows even a little of the old head, or of others, says nothing about what is behind them.
        let unknown = gone.dilated(radius: Int(2 * Self.softness)).union(spared).union(beyond)
        let gone = gone.blurred(sigma: Self.softness).subtracting(beside)
        let bared = toned.filled(where: unknown).blended(over: toned, mask: gone)
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
