import Imaging

/// The surface of a face as 468 points, in pixels of the picture; whole numbers are pixel centres.
///
/// The points and their numbers are those of MediaPipe's face mesh (arXiv 1907.06724, and `canonical_face_model.obj` of
/// the same project).
public struct FaceMesh: Sendable, Equatable {
    /// 468 points.
    public let points: [Point]
    /// How sure the network is that this is a face, 0…1.
    public let confidence: Float

    static let pointCount = 468

    /// A mesh from its points.
    ///
    /// - Precondition: 468 points.
    public init(points: [Point], confidence: Float) {
        precondition(points.count == Self.pointCount, "a face mesh has 468 points, not \(points.count)")
        self.points = points
        self.confidence = confidence
    }

    /// The corners and lid middles of the person's right eye.
    private static let rightEye = [33, 133, 159, 145]
    /// The corners and lid middles of the person's left eye.
    private static let leftEye = [263, 362, 386, 374]
    /// Tip and base of the nose: ArcFace's landmark, as MTCNN finds it, lies between them.
    private static let nose = [4, 1]
    /// The outer edges of the nostrils.
    private static let nostrils = [98, 327]
    /// The corners of the mouth, the person's right one first.
    private static let mouth = [61, 291]
    /// The outline of the face from the middle of the forehead over the person's left side and the chin.
    private static let oval = [
        10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
        152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
    ]
    /// The row of points halfway up the forehead, from its middle to the person's left temple.
    private static let leftForehead = [151, 337, 299, 333, 298, 301]
    /// The same row from the person's right temple back to the middle.
    private static let rightForehead = [71, 68, 104, 69, 108]
    /// Where the oval passes the temples, which the forehead's row meets.
    private static let temples = (left: 389, right: 162)
    private static let chin = 152

    /// The centres of the eyes, the tip of the nose and the corners of the mouth, of each pair the person's right one
    /// first, which on an upright face is the one on the left of the picture: ArcFace's five landmarks.
    public var fivePoints: [Point] {
        [
            mean(Self.rightEye), mean(Self.leftEye), mean(Self.nose), points[Self.mouth[0]],
            points[Self.mouth[1]],
        ]
    }

    /// `fivePoints` as detectors give them.
    public var landmarks: [SIMD2<Float>] { fivePoints.map { SIMD2(Float($0.x), Float($0.y)) } }

    /// How far the eyes are open, in parts of the nose's width. In photos 0.16 to 0.28; the faces of animated films, with
    /// their large eyes and small noses, have 0.3 to 0.5.
    public var eyeOpening: Double {
        let lids = [Self.rightEye, Self.leftEye].map { points[$0[2]].distance(to: points[$0[3]]) }
        return (lids[0] + lids[1]) / 2
            / max(points[Self.nostrils[0]].distance(to: points[Self.nostrils[1]]), 1e-6)
    }

    /// The outline of the face, 36 points from the middle of the forehead clockwise in the picture.
    public var ovalPolygon: [Point] { Self.oval.map { points[$0] } }

    /// The outline of the face from the middle of the forehead down, clockwise in the picture: what fringes and hats
    /// mostly leave free.
    public var lowerOvalPolygon: [Point] {
        let sides = Self.oval.drop { $0 != Self.temples.left }.prefix { $0 != Self.temples.right }
        return (Self.leftForehead + sides + [Self.temples.right] + Self.rightForehead).map { points[$0] }
    }

    /// The lowest point of the chin.
    public var chin: Point { points[Self.chin] }

    /// The smallest upright rectangle around all points.
    public var box: FaceBox {
        let (x, y) = (points.map(\.x), points.map(\.y))
        return FaceBox(
            left: Float(x.min() ?? 0), top: Float(y.min() ?? 0), right: Float(x.max() ?? 0),
            bottom: Float(y.max() ?? 0))
    }

    /// The outer corners of the person's right and left eye.
    var outerEyeCorners: (right: Point, left: Point) { (points[Self.rightEye[0]], points[Self.leftEye[0]]) }

    private func mean(_ indices: [Int]) -> Point {
        let count = Double(indices.count)
        return Point(
            x: indices.reduce(0) { $0 + points[$1].x } / count,
            y: indices.reduce(0) { $0 + points[$1].y } / count)
    }
}
