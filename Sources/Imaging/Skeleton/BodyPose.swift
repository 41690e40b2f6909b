/// A point of a body that a network has found, in pixels of the picture it looked at.
public struct Keypoint: Sendable, Equatable {
    /// Where it is; whole numbers are pixel centres.
    public var position: Point
    /// How sure the network is, 0…1.
    public var confidence: Float

    /// A found point.
    public init(position: Point, confidence: Float) {
        self.position = position
        self.confidence = confidence
    }
}

/// One person's pose: OpenPose's 18 body points, and hands and face where they were looked for.
public struct BodyPose: Sendable, Equatable {
    /// The body's points in OpenPose's order (its COCO model, arXiv 1611.08050). Right and left are the person's own.
    public enum Joint: Int, Sendable, CaseIterable {
        case nose, neck
        case rightShoulder, rightElbow, rightWrist
        case leftShoulder, leftElbow, leftWrist
        case rightHip, rightKnee, rightAnkle
        case leftHip, leftKnee, leftAnkle
        case rightEye, leftEye, rightEar, leftEar
    }

    /// 18 points, in the order of `Joint`; `nil` where none was found.
    public var points: [Keypoint?]
    /// 21 points of each hand that was found: the wrist, then four for each finger from thumb to little finger.
    public var hands: [[Keypoint?]]
    /// 70 points of the face (the usual 68 and both pupils), or none.
    public var face: [Keypoint?]

    /// A pose.
    ///
    /// - Precondition: 18 points.
    public init(points: [Keypoint?], hands: [[Keypoint?]] = [], face: [Keypoint?] = []) {
        precondition(points.count == Joint.allCases.count, "A body has 18 points, not \(points.count)")
        self.points = points
        self.hands = hands
        self.face = face
    }

    /// The found point of a joint.
    public subscript(joint: Joint) -> Keypoint? { points[joint.rawValue] }
}
