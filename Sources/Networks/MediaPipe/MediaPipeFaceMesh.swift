import Foundation
import Imaging
import Tensors
import Weights

/// MediaPipe's face mesh network: 468 points of the face in a square that was cut out upright (arXiv 1907.06724).
public struct MediaPipeFaceMesh: Sendable {
    private let network: TFLiteNetwork
    private let workspace: Workspace

    /// Pixels of the network's input.
    private static let side = 192
    /// How much larger than the face the square is.
    private static let margin = 1.5
    /// What the network gives for less likely than this is no face.
    private static let leastConfidence: Float = 0.5

    /// - Parameter folder: `Models/perception/mediapipe`, or another folder with `face_landmark.tflite`.
    /// - Throws: `WeightsError` if the file cannot be read or is another network.
    public init(folder: String, in workspace: Workspace) throws {
        network = try TFLiteNetwork(path: "\(folder)/face_landmark.tflite", in: workspace)
        try network.requireShapes(
            inputs: [[1, Self.side, Self.side, 3]],
            outputs: [[1, 1, 1, 3 * FaceMesh.pointCount], [1, 1, 1, 1]])
        self.workspace = workspace
    }

    /// Finds the points of a face.
    ///
    /// The face is looked at twice: the second time in the square that its own points suggest, which makes the result
    /// depend less on who has found it.
    ///
    /// - Parameters:
    ///   - box: around the face, in pixels of the picture.
    ///   - rightEye: of the person, in pixels; with the left eye it tells how far the face is turned.
    ///   - leftEye: of the person, in pixels.
    /// - Returns: `nil` if there is no face.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func mesh(
        box: FaceBox, rightEye: SIMD2<Float>, leftEye: SIMD2<Float>, in image: Image
    ) throws -> FaceMesh? {
        let square = RotatedSquare(
            center: Point(x: Double(box.center.x), y: Double(box.center.y)),
            side: Double(max(box.width, box.height)) * Self.margin,
            angle: atan2(Double(leftEye.y - rightEye.y), Double(leftEye.x - rightEye.x)))
        guard let first = try mesh(in: square, of: image) else { return nil }
        return try mesh(in: first.surroundings(margin: Self.margin), of: image)
    }

    /// The mesh of a face that any detector, or a person, has found.
    ///
    /// - Returns: `nil` if the network sees no face there.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func mesh(of face: DetectedFace, in image: Image) throws -> FaceMesh? {
        precondition(face.landmarks.count == 5, "a face has five landmarks, not \(face.landmarks.count)")
        return try mesh(
            box: face.box, rightEye: face.landmarks[0], leftEye: face.landmarks[1], in: image)
    }

    private func mesh(in square: RotatedSquare, of image: Image) throws -> FaceMesh? {
        guard square.isUsable else { return nil }
        let outputs = try network([square.tensor(of: image, pixels: Self.side, in: workspace)])
        let confidence = sigmoid(outputs[1]).values[0]
        let values = outputs[0].values
        guard confidence >= Self.leastConfidence, values.allSatisfy(\.isFinite) else { return nil }
        let points = (0..<FaceMesh.pointCount).map { index in
            // The third number is the depth.
            square.pixel(
                Double(values[3 * index]) / Double(Self.side),
                Double(values[3 * index + 1]) / Double(Self.side))
        }
        return FaceMesh(points: points, confidence: confidence)
    }
}

extension FaceMesh {
    /// The square around all points whose upper side is parallel to the line through the eyes, `margin` times as large
    /// as need be.
    fileprivate func surroundings(margin: Double) -> RotatedSquare {
        let (right, left) = outerEyeCorners
        let angle = atan2(left.y - right.y, left.x - right.x)
        // Coordinates along the face's own axes.
        let across = points.map { $0.x * cos(angle) + $0.y * sin(angle) }
        let down = points.map { $0.y * cos(angle) - $0.x * sin(angle) }
        func range(_ values: [Double]) -> (middle: Double, length: Double) {
            let (least, most) = (values.min() ?? 0, values.max() ?? 0)
            return ((least + most) / 2, most - least)
        }
        let (x, y) = (range(across), range(down))
        return RotatedSquare(
            center: Point(
                x: x.middle * cos(angle) - y.middle * sin(angle),
                y: x.middle * sin(angle) + y.middle * cos(angle)),
            side: max(x.length, y.length) * margin, angle: angle)
    }
}
