import Imaging
import Networks

/// Where around a face its head can be, by the face's outline: hair stands up and out above the eyes and hangs down
/// beside the cheeks, but what lies below the chin or far from the jaw is neck, shoulders and clothes.
struct HeadRegion {
    /// The outline of the face.
    let outline: [Point]
    /// The middle of the forehead's upper edge.
    private let top: Point
    /// The tip of the chin.
    private let chin: Point
    /// From top to chin; everything else is measured by it.
    let faceHeight: Double

    /// How far hair can be from the face's outline, above the eyes and at the height of the chin.
    private static let reach = (above: 0.75, atChin: 0.3)
    /// The part of the face's height from which on that reach shrinks: the eyes.
    private static let eyes = 0.4

    /// - Returns: `nil` for a face of no size.
    init?(of mesh: FaceMesh) {
        outline = mesh.ovalPolygon
        // The outline begins on the forehead and goes once around.
        (top, chin) = (outline[0], outline[outline.count / 2])
        faceHeight = (chin - top).length
        guard faceHeight > 1, faceHeight.isFinite else { return nil }
    }

    /// Half way between forehead and chin.
    var middle: Point { Point(x: (top.x + chin.x) / 2, y: (top.y + chin.y) / 2) }

    /// Whether a person's pixel at this point can be part of the head.
    func contains(_ point: Point) -> Bool {
        let (down, offset) = (chin - top, point - top)
        // 0 at the height of the forehead's edge, 1 at that of the chin, along the face's own axis.
        let height = (offset.x * down.x + offset.y * down.y) / (faceHeight * faceHeight)
        guard height <= 1 else { return false }
        let fall = max(0, height - Self.eyes) / (1 - Self.eyes)
        let reach = Self.reach.above + (Self.reach.atChin - Self.reach.above) * fall
        return distance(to: point) <= reach * faceHeight
    }

    /// From the outline.
    private func distance(to point: Point) -> Double {
        zip(outline, outline.dropFirst() + outline.prefix(1)).map { start, end in
            let (side, offset) = (end - start, point - start)
            let square = max(side.x * side.x + side.y * side.y, .leastNormalMagnitude)
            let part = min(max((offset.x * side.x + offset.y * side.y) / square, 0), 1)
            return Point(x: offset.x - part * side.x, y: offset.y - part * side.y).length
        }.min() ?? .infinity
    }
}

extension Point {
    fileprivate static func - (left: Point, right: Point) -> Point {
        Point(x: left.x - right.x, y: left.y - right.y)
    }

    fileprivate var length: Double { (x * x + y * y).squareRoot() }
}
