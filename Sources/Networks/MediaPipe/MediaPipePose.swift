import Foundation
import Imaging
import Tensors
import Weights

/// MediaPipe's pose estimation: one network finds people, a second one the points of each (BlazePose, arXiv 2006.10204).
public struct MediaPipePose: Sendable {
    private let detector: AnchorDetector
    private let landmarkNetwork: PoseLandmarkNetwork

    /// How much larger than the circle around the person the square is.
    private static let margin = 1.25
    /// Detections of which more than this part lies in another one are the same person.
    private static let sameOverlap: Float = 0.3
    /// Tiles of fewer pixels are not worth a look of their own.
    private static let smallestTile = 224
    /// Both networks together must be this sure.
    private static let leastConfidence: Float = 0.5

    /// - Parameter folder: `Models/perception/mediapipe`, or another folder with `pose_detection.tflite` and
    ///   `pose_landmark_full.tflite`.
    /// - Throws: `WeightsError` if a file cannot be read or is another network.
    public init(folder: String, in workspace: Workspace) throws {
        detector = try AnchorDetector(
            path: "\(folder)/pose_detection.tflite",
            .init(side: 224, grids: [(28, 2), (14, 2), (7, 6)], keypointCount: 4), in: workspace)
        landmarkNetwork = try PoseLandmarkNetwork(path: "\(folder)/pose_landmark_full.tflite", in: workspace)
    }

    /// Finds the poses of the people in a picture.
    ///
    /// - Returns: OpenPose's 18 points of each, ordered from left to right.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func poses(in image: Image) throws -> [BodyPose] {
        try people(in: image).map { $0.bodyPose(inWidth: image.width, height: image.height) }
    }

    /// Finds the people in a picture with all 33 points of each.
    ///
    /// The detector misses people who are small in the picture, so its overlapping halves and thirds are looked at too.
    ///
    /// - Returns: the people, ordered from left to right.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func people(in image: Image) throws -> [PoseLandmarks] {
        var detections = try detector.detections(in: image)
        for part in [2, 3] {
            let tileSide = (max(image.width, image.height) + part - 1) / part
            guard tileSide >= Self.smallestTile else { continue }
            // A part may show only a piece of a person whom the larger view shows better.
            let found = try detector.detections(in: image, tilesOfSide: tileSide)
            detections += found.distinct(above: Self.sameOverlap).filter { part in
                !detections.contains { $0.box.overlapOfSmaller(with: part.box) > Self.sameOverlap }
            }
        }
        return try people(detections, in: image)
    }

    /// - Parameter detections: the more trustworthy of two that may be the same person comes first.
    private func people(_ detections: [MediaPipeDetection], in image: Image) throws -> [PoseLandmarks] {
        var found: [(landmarks: PoseLandmarks, square: RotatedSquare)] = []
        for detection in detections {
            let square = Self.square(around: detection)
            guard square.isUsable, let landmarks = try landmarkNetwork.landmarks(in: image, square),
                landmarks.confidence * detection.score >= Self.leastConfidence,
                landmarks.bodyPose(inWidth: image.width, height: image.height).hasTrunk,
                !found.contains(where: { $0.landmarks.isSame(as: landmarks, within: $0.square.side) })
            else { continue }
            found.append((landmarks, square))
        }
        return found.map(\.landmarks).sorted { $0.middle < $1.middle }
    }

    /// The first keypoint is the middle of the hips; the second lies on the circle around the whole person, in the
    /// direction of the head.
    private static func square(around detection: MediaPipeDetection) -> RotatedSquare {
        let (center, top) = (detection.keypoints[0], detection.keypoints[1])
        let (right, up) = (Double(top.x - center.x), Double(center.y - top.y))
        return RotatedSquare(
            center: Point(x: Double(center.x), y: Double(center.y)),
            side: 2 * (right * right + up * up).squareRoot() * margin, angle: atan2(right, up))
    }
}

extension BodyPose {
    /// Whether more than a head is seen: patterns can look like faces.
    fileprivate var hasTrunk: Bool {
        [Joint.rightShoulder, .leftShoulder, .rightHip, .leftHip].contains { self[$0] != nil }
    }
}

extension PoseLandmarks {
    /// Where the trunk is between left and right.
    fileprivate var middle: Double { Self.trunk.reduce(0) { $0 + landmarks[$1].position.x } }

    /// Nose, shoulders and hips.
    private static let trunk = [0, 11, 12, 23, 24]

    /// Whether two finds are one person: their noses, or their trunks, are nearer than those of two people can be in a
    /// square of the given side, which holds a whole person with room to spare.
    fileprivate func isSame(as other: PoseLandmarks, within side: Double) -> Bool {
        let distances = Self.trunk.map { index in
            landmarks[index].position.distance(to: other.landmarks[index].position)
        }
        return min(distances[0], distances.reduce(0, +) / Double(distances.count)) < 0.06 * side
    }
}
