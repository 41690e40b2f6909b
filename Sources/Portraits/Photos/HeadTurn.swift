import Imaging

/// How far a head is turned away from the camera, told from five points of its face.
///
/// The nose's tip lies in front of the eyes and the mouth; when the head turns, it moves beside their middle line, or
/// nearer to one of them. MediaPipe's `canonical_face_model.obj` has the tip six tenths of the eyes' distance in front.
struct HeadTurn {
    /// How far the nose lies beside the middle line, in distances of the eyes; the tangent of the angle times 0.6.
    private let aside: Double
    /// Where between the eyes, 0, and the mouth, 1, the nose is: about 0.55 on faces seen from the front.
    private let height: Double

    /// From 30 degrees on; smiles and beards make it differ by 0.1 at most.
    private static let farAside = 0.35
    /// Outside of this the head is tilted by 30 degrees or more; photos of faces held straight have 0.45 to 0.7.
    private static let straightHeights = 0.2...0.87

    /// - Parameter landmarks: both eyes, nose, both corners of the mouth, of each pair the one on the picture's left first.
    /// - Returns: `nil` for points that are no face's.
    init?(landmarks: [Point]) {
        let (left, right, nose) = (landmarks[0], landmarks[1], landmarks[2])
        let (eyes, mouth) = (Self.middle(left, right), Self.middle(landmarks[3], landmarks[4]))
        let (x, y) = (right.x - left.x, right.y - left.y)
        let distance = (x * x + y * y).squareRoot()
        /// Along the line through the eyes, and at right angles to it, downwards.
        func along(_ point: Point) -> Double { ((point.x - eyes.x) * x + (point.y - eyes.y) * y) / distance }
        func below(_ point: Point) -> Double { ((point.y - eyes.y) * x - (point.x - eyes.x) * y) / distance }
        guard distance > 0, below(mouth) > 0 else { return nil }
        aside = along(nose) / distance
        height = below(nose) / below(mouth)
    }

    /// What is said of it; nil if the face is seen well enough.
    var warning: PhotoInspection.Warning? {
        if abs(aside) > Self.farAside { return .turnedAside }
        if height < Self.straightHeights.lowerBound { return .lookingUp }
        return height > Self.straightHeights.upperBound ? .lookingDown : nil
    }

    private static func middle(_ first: Point, _ second: Point) -> Point {
        Point(x: (first.x + second.x) / 2, y: (first.y + second.y) / 2)
    }
}
