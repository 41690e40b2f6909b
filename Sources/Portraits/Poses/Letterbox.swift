import Imaging

/// Where a picture's points are when it is letterboxed, as `Image.letterboxed` does it.
struct Letterbox {
    private let scale: (x: Double, y: Double)
    private let offset: (x: Double, y: Double)

    init(of picture: Image, width: Int, height: Int) {
        let scale = min(Double(width) / Double(picture.width), Double(height) / Double(picture.height))
        func fitted(_ side: Int, into box: Int) -> Int {
            min(box, max(1, Int((Double(side) * scale).rounded())))
        }
        let (fittedWidth, fittedHeight) = (
            fitted(picture.width, into: width), fitted(picture.height, into: height)
        )
        self.scale = (
            Double(fittedWidth) / Double(picture.width), Double(fittedHeight) / Double(picture.height)
        )
        offset = (Double((width - fittedWidth) / 2), Double((height - fittedHeight) / 2))
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
