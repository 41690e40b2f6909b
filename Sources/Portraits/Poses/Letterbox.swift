import Imaging

/// Where a picture's points are when it is letterboxed, as `Image.letterboxed` does it.
struct Letterbox {
    private let scale: (x: Double, y: Double)
    private let offset: (x: Double, y: Double)

    init(of picture: Image, width: Int, height: Int) {
        let placement = LetterboxPlacement(of: picture, width: width, height: height)
        scale = (
            Double(placement.width) / Double(picture.width), Double(placement.height) / Double(picture.height)
        )
        offset = (Double(placement.left), Double(placement.top))
    }

    /// A pose with its points in the box.
    func pose(_ pose: BodyPose) -> BodyPose {
        func placed(_ points: [Keypoint?]) -> [Keypoint?] { points.map { $0.map(point) } }
        return BodyPose(points: placed(pose.points), hands: pose.hands.map(placed), face: placed(pose.face))
    }

    /// Whole numbers are pixel centres, so the picture's edge lies at -0.5.
    private func point(_ point: Keypoint) -> Keypoint {
        Keypoint(
            position: Point(
                x: (point.position.x + 0.5) * scale.x + offset.x - 0.5,
                y: (point.position.y + 0.5) * scale.y + offset.y - 0.5),
            confidence: point.confidence)
    }
}
