import Imaging

/// A person's 33 points as MediaPipe numbers them, in pixels of the picture; whole numbers are pixel centres.
///
/// BlazePose (arXiv 2006.10204), with the topology of its figure 3; right and left are the person's own.
public struct PoseLandmarks: Sendable {
    /// One point.
    public struct Landmark: Sendable {
        /// In pixels.
        public let position: Point
        /// How likely the point is to be seen, and not covered, 0…1.
        public let visibility: Float
        /// How likely the point is to be inside the picture, 0…1.
        public let presence: Float
    }

    /// 33 points.
    public let landmarks: [Landmark]
    /// How sure the network is that there is a person, 0…1.
    public let confidence: Float

    static let count = 33

    /// What is less likely than this counts as not found.
    private static let leastVisibility: Float = 0.5

    /// MediaPipe's numbers of OpenPose's joints, the neck left out.
    private static let numbers: [(BodyPose.Joint, Int)] = [
        (.nose, 0), (.rightShoulder, 12), (.rightElbow, 14), (.rightWrist, 16), (.leftShoulder, 11),
        (.leftElbow, 13), (.leftWrist, 15), (.rightHip, 24), (.rightKnee, 26), (.rightAnkle, 28),
        (.leftHip, 23),
        (.leftKnee, 25), (.leftAnkle, 27), (.rightEye, 5), (.leftEye, 2), (.rightEar, 8), (.leftEar, 7),
    ]

    /// OpenPose's 18 points, those absent that are hidden or outside a picture of the given size; the neck is the middle
    /// of the shoulders.
    public func bodyPose(inWidth width: Int, height: Int) -> BodyPose {
        var points = [Keypoint?](repeating: nil, count: BodyPose.Joint.allCases.count)
        for (joint, number) in Self.numbers {
            let landmark = landmarks[number]
            let (x, y) = (landmark.position.x, landmark.position.y)
            guard min(landmark.visibility, landmark.presence) >= Self.leastVisibility,
                x >= -0.5, y >= -0.5, x < Double(width) - 0.5, y < Double(height) - 0.5
            else { continue }
            points[joint.rawValue] = Keypoint(position: landmark.position, confidence: landmark.visibility)
        }
        if let right = points[BodyPose.Joint.rightShoulder.rawValue],
            let left = points[BodyPose.Joint.leftShoulder.rawValue]
        {
            points[BodyPose.Joint.neck.rawValue] = Keypoint(
                position: Point(
                    x: (right.position.x + left.position.x) / 2, y: (right.position.y + left.position.y) / 2),
                confidence: min(right.confidence, left.confidence))
        }
        return BodyPose(points: points)
    }
}
