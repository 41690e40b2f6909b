import Foundation
import Imaging
import Networks

/// The outline of a face, from the middle of the forehead to the chin: what of a template is drawn anew.
///
/// MediaPipe's mesh gives it where the network is sure of the face: the jaw is the mesh's oval, but the upper side runs
/// lower, because fringes and hats hang over the forehead. Where there is no mesh the outline is estimated from five
/// points as an ellipse on the ArcFace template, 2.2 times as high as the way from eyes to mouth and as wide as the temples
/// (proportions of Farkas, "Anthropometry of the Head and Face", 1994).
///
/// On the 21 faces of the shipped templates, whose renderer knows what is face, this outline covers 94 % of the face and
/// 9 % of it lie beside, mostly on the heads of people in front; the whole oval has 97 % and 14 %, the ellipse 87 % and
/// 10 %.
struct FaceOutline {
    /// A mesh of which the network is less sure is not used.
    private static let leastConfidence: Float = 0.9
    private static let center = Point(x: 56, y: 73)
    private static let halfWidth = 40.0
    private static let halfHeight = 45.0
    private static let cornerCount = 48
    /// How much larger than the face's oval a head with its hair is, to both sides and upwards from the chin. In the shipped
    /// templates this takes in four fifths of what heads in front hide, and of the visible faces an eighth as much.
    private static let headSize = (across: 1.2, upwards: 1.35)

    /// Where the hair above the forehead is, and the body below the chin: how far below the chin and how far to each side
    /// of it the corners of their outlines are, in heights of the face. Narrow enough to hold in whatever posture.
    private static let crown: [(down: Double, across: Double)] = [(-1.12, 0.2), (-0.95, 0.3)]
    /// Where hair may hang and stand.
    private static let fall: [(down: Double, across: Double)] = [
        (-1.9, 0.5), (-0.8, 0.8), (0.2, 0.7), (1.2, 0.6),
    ]
    private static let body: [(down: Double, across: Double)] = [(0.3, 0.3), (0.8, 0.8), (4, 0.8)]

    /// Corners of the outline, in the pixels in which the face was found.
    let polygon: [Point]
    /// Corners of a rough outline of the whole head.
    let head: [Point]
    /// The lowest point of the face.
    let chin: Point
    /// The middle of the forehead.
    private let top: Point

    /// Corners of an outline of hair, or of a hat, that is hardly anybody else's.
    var crown: [Point] { placed(Self.crown) }
    /// Corners of a rough outline of neck, shoulders and what is below.
    var body: [Point] { placed(Self.body) }
    /// Corners of an outline around all hair.
    var fall: [Point] { placed(Self.fall) }
    /// The way from its leftmost to its rightmost corner.
    var width: Double { (polygon.map(\.x).max() ?? 0) - (polygon.map(\.x).min() ?? 0) }

    /// - Throws: `ImagingError.degenerateLandmarks`.
    init(of face: DetectedFace, mesh: FaceMesh?) throws {
        if let mesh, mesh.confidence >= Self.leastConfidence {
            let oval = mesh.ovalPolygon
            self.init(polygon: mesh.lowerOvalPolygon, oval: oval, top: oval[0], chin: mesh.chin)
        } else {
            let ellipse = try Self.ellipse(on: face)
            self.init(polygon: ellipse, oval: ellipse, top: ellipse[0], chin: ellipse[ellipse.count / 2])
        }
    }

    private init(polygon: [Point], oval: [Point], top: Point, chin: Point) {
        let (x, y) = (top.x - chin.x, top.y - chin.y)
        let squaredLength = max(x * x + y * y, .leastNormalMagnitude)
        let head = oval.map { point in
            // The part of the way from the chin to the point that leads upwards, as the face stands.
            let rise = ((point.x - chin.x) * x + (point.y - chin.y) * y) / squaredLength
            let (across, upwards) = Self.headSize
            return Point(
                x: chin.x + across * (point.x - chin.x - rise * x) + upwards * rise * x,
                y: chin.y + across * (point.y - chin.y - rise * y) + upwards * rise * y)
        }
        self.init(polygon: polygon, head: head, top: top, chin: chin)
    }

    private init(polygon: [Point], head: [Point], top: Point, chin: Point) {
        (self.polygon, self.head, self.top, self.chin) = (polygon, head, top, chin)
    }

    /// The same outline in other pixels.
    func mapped(_ place: (Point) -> Point) -> FaceOutline {
        FaceOutline(
            polygon: polygon.map(place), head: head.map(place), top: place(top), chin: place(chin))
    }

    /// A polygon that is as wide to both sides of the chin, as the face stands; lengths in heights of the face.
    func placed(_ corners: [(down: Double, across: Double)]) -> [Point] {
        let (x, y) = (top.x - chin.x, top.y - chin.y)
        return (corners + corners.reversed().map { (down: $0.down, across: -$0.across) }).map { corner in
            Point(
                x: chin.x - corner.down * x - corner.across * y,
                y: chin.y - corner.down * y + corner.across * x)
        }
    }

    /// Clockwise from the top.
    private static func ellipse(on face: DetectedFace) throws -> [Point] {
        let placed = try SimilarityTransform(from: FaceAlignment.template, to: face.points)
        return (0..<cornerCount).map { corner in
            let angle = 2 * Double.pi * Double(corner) / Double(cornerCount)
            return placed(
                Point(x: center.x + halfWidth * sin(angle), y: center.y - halfHeight * cos(angle)))
        }
    }
}
