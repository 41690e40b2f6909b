import Imaging
import Networks

/// A head cut out of a portrait along its visible edges.
struct HeadCutout {
    /// How wide the way over is at its edge, in pixels of the portrait; what lies there is half background.
    private static let (rim, softness) = (1, 1.2)
    /// Hair that hangs out of the portrait ends softly, on its height's so manyth part.
    private static let fade = 12

    let portrait: Image
    /// Of its face, in the portrait's pixels.
    let outline: FaceOutline
    /// The five landmarks of its face.
    let landmarks: [Point]
    /// How much of each pixel is the head's.
    let mask: Mask

    init(of portrait: Image, face: DetectedFace, outline: FaceOutline, rough: HeadMask) {
        func seen(_ contains: (Point) -> Bool) -> Mask {
            Mask(width: portrait.width, height: portrait.height) { contains($0) ? 1 : 0 }
        }
        self.portrait = portrait
        self.outline = outline
        landmarks = face.points
        mask = outline.head(
            near: seen(rough.contains), people: seen { rough.showsSomebody(at: $0) ?? false },
            beyond: Mask(width: portrait.width, height: portrait.height, polygon: []), in: portrait
        ).eroded(radius: Self.rim).blurred(sigma: Self.softness).fadingDown(over: portrait.height / Self.fade)
    }
}

extension FaceOutline {
    /// How far a rough mask may be wrong, inwards and outwards, in parts of the face's width.
    private static let (inwards, outwards) = (0.06, 0.12)
    /// How far the outline of people may be wrong, in parts of the face's width.
    private static let peoplesDoubt = 0.05
    /// Half of the width of what is too thin for hair, in parts of the face's width.
    private static let coarseness = 0.02
    /// How many times as frequent a colour is where it surely belongs, and where it may belong.
    private static let (clearOdds, odds): (Float, Float) = (20, 1)

    /// A head along the edges that are to be seen in a picture.
    ///
    /// - Parameters:
    ///   - rough: where the head is, about; of the picture's size.
    ///   - people: where anybody is, about.
    ///   - beyond: what of the picture nothing is known of.
    ///   - picture: opaque; the outline is in its pixels.
    /// - Returns: zeros and ones.
    func head(near rough: Mask, people: Mask, beyond: Mask, in picture: Image) -> Mask {
        func pixels(_ part: Double) -> Int { max(1, Int((part * width).rounded())) }
        func drawn(_ polygon: [Point]) -> Mask {
            Mask(width: picture.width, height: picture.height, polygon: polygon)
        }
        let face = drawn(polygon)
        let probable = rough.eroded(radius: pixels(Self.inwards)).union(face).subtracting(drawn(neck))
        let far = rough.dilated(radius: pixels(Self.outwards)).inverted
        let elsewhere = far.subtracting(people).subtracting(beyond)
        let odds = ColorOdds(of: picture, first: probable, second: elsewhere)
        let scalp = probable.subtracting(face)
        let like = ColorOdds(of: picture, first: scalp, second: elsewhere).firsts(by: Self.odds)
        // Hands before the chest are people, too.
        let skin = ColorOdds(of: picture, first: face, second: scalp).firsts(by: Self.odds)
            .subtracting(drawn(aboveChin))
        let body = drawn(neck).union(drawn(chest).subtracting(like)).union(skin)
        let hair = people.dilated(radius: pixels(Self.peoplesDoubt)).union(like).intersection(drawn(fall))
        // Between curls and cheeks, and under tails, no outline knows what is background.
        let background = odds.seconds(by: Self.clearOdds).eroded(radius: 1)
            .subtracting(rough.eroded(radius: pixels(2 * Self.inwards)).union(face))
        let improbable = far.subtracting(hair).union(body)
        let strange = far.intersection(odds.notFirsts.eroded(radius: 1))
        let sure = probable.subtracting(background)
        let snapped = SeededRegions(
            of: picture, seeds: [sure, improbable.union(background).union(strange)], cost: .squaredChange
        ).mask(of: 0)
        // A head has no tongues and no islands, which are background that was taken for hair, and no notches.
        let coarse = pixels(Self.coarseness)
        let opened = snapped.eroded(radius: coarse).dilated(radius: coarse).intersection(snapped)
            .dilated(radius: 2 * coarse).eroded(radius: 2 * coarse)
        return opened.connected(to: opened.intersection(sure))
    }
}

extension Mask {
    /// The mask with its lowest rows running out.
    fileprivate func fadingDown(over rows: Int) -> Mask {
        let faded = values.enumerated().map { pixel, value in
            value * min(1, Float(height - 1 - pixel / width) / Float(max(rows, 1)))
        }
        return Mask(width: width, height: height, values: faded)
    }
}
