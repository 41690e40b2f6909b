import Imaging
import Networks

/// What of the square around a face belongs to other people.
///
/// Outlines are rough, and where people meet they lie over each other. Colours tell what is whose: each pixel belongs to
/// whoever is at the beginning of the way to it on which they change least.
struct Neighbours {
    /// How much further than its outline a face may reach, and how much of an outline is left out of what is surely the
    /// head's, in parts of the face's width.
    private static let (reach, doubt) = (0.2, 0.06)
    /// So far around other people's faces nothing changes, in parts of their width.
    private static let distance = 0.06

    private let square: TemplateSquare
    private let face: TemplateFace
    private let others: [TemplateFace]
    /// What belongs to the face and to each of the others, `square.paintedSide` pixels.
    private let regions: [Mask]

    init(of face: TemplateFace, others: [TemplateFace], in square: TemplateSquare, of image: Image) {
        (self.square, self.face, self.others) = (square, face, others)
        let faces = [face] + others
        let seeds = faces.indices.map { Self.seed(of: $0, among: faces, in: square) }
        let divided = SeededRegions(of: square.painted(from: image, hiding: []), seeds: seeds, cost: .change)
        regions = faces.indices.map(divided.mask)
    }

    /// What belongs to others, `side` pixels: their faces and so much around these.
    func mask(side: Int) -> Mask {
        let inner = square.mask(of: face.outline.polygon, side: side)
            .eroded(radius: Self.pixels(Self.doubt, of: face, in: square, side: side))
        let masks = zip(others, regions.dropFirst()).map { person, region in
            let region = region.sampled(side: side)
            let near = Self.reach(of: person, in: square, side: side).intersection(region)
                .dilated(radius: Self.pixels(Self.distance, of: person, in: square, side: side))
            // Nothing of whoever stands behind is seen before this face.
            return person.isBefore(face) ? near : near.subtracting(inner)
        }
        return masks.reduce(Mask(width: side, height: side, polygon: [])) { $0.union($1) }
    }

    /// What is surely somebody's: the face, where nobody stands before it; the hair above it as far as it lies on nobody's
    /// face; and clothes far from all heads and from everybody before them.
    private static func seed(of index: Int, among faces: [TemplateFace], in square: TemplateSquare) -> Mask {
        let (face, side) = (faces[index], square.paintedSide)
        let others = faces.indices.filter { $0 != index }.map { faces[$0] }
        let before = others.filter { $0.isBefore(face) }
        let doubt = pixels(doubt, of: face, in: square, side: side)
        func mask(_ polygon: [Point]) -> Mask { square.mask(of: polygon, side: side) }
        func without(_ taken: [Mask], _ own: Mask) -> Mask { taken.reduce(own) { $0.subtracting($1) } }
        let visible = without(before.map { mask($0.outline.head) }, mask(face.outline.polygon))
        let hair = without(
            before.map { mask($0.outline.head) }
                + others.map { mask($0.outline.polygon).dilated(radius: doubt) },
            mask(face.outline.crown))
        let clothes = without(
            others.map { mask($0.outline.head) }
                + before.flatMap { [mask($0.outline.body), mask($0.outline.fall)] }
                + others.map { reach(of: $0, in: square, side: side) },
            mask(face.outline.body))
        return visible.eroded(radius: doubt).union(hair).union(clothes.eroded(radius: 2 * doubt))
    }

    /// A face's outline and as far around it as it may reach.
    private static func reach(of face: TemplateFace, in square: TemplateSquare, side: Int) -> Mask {
        square.mask(of: face.outline.polygon, side: side)
            .dilated(radius: pixels(reach, of: face, in: square, side: side))
    }

    private static func pixels(_ part: Double, of face: TemplateFace, in square: TemplateSquare, side: Int)
        -> Int
    {
        max(1, Int((part * Double(face.detected.box.width) * Double(side) / Double(square.side)).rounded()))
    }
}

extension Mask {
    /// A square mask of zeros and ones with another number of pixels on a side; its outlines become smooth, not stairs.
    func sampled(side: Int) -> Mask {
        guard side != width else { return self }
        /// The two columns, or rows, next to one of the result, and how near the second is.
        let places = (0..<side).map { place -> (Int, Int, Float) in
            let exact = (Double(place) + 0.5) * Double(width) / Double(side) - 0.5
            let first = exact.rounded(.down)
            let clamped = [first, first + 1].map { Swift.min(Swift.max(Int($0), 0), width - 1) }
            return (clamped[0], clamped[1], Float(exact - first))
        }
        var result: [Float] = []
        result.reserveCapacity(side * side)
        for (top, bottom, down) in places {
            for (left, right, across) in places {
                let above = values[top * width + left] * (1 - across) + values[top * width + right] * across
                let below =
                    values[bottom * width + left] * (1 - across) + values[bottom * width + right] * across
                result.append(above * (1 - down) + below * down >= 0.5 ? 1 : 0)
            }
        }
        return Mask(width: side, height: side, values: result)
    }
}
