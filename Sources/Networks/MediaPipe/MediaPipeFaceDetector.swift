import Imaging
import Tensors
import Weights

/// MediaPipe's face detectors: quick, but with small faces missed in a single look at a large picture.
///
/// BlazeFace (arXiv 1907.05047). The six keypoints are the person's right and left eye, the tip of the nose, the middle
/// of the mouth, and the right and left ear.
public struct MediaPipeFaceDetector: Sendable {
    /// A face as the detector gives it, in pixels of the picture; whole numbers are pixel centres.
    public struct Face: Sendable {
        /// From the forehead to the chin.
        public let box: FaceBox
        /// 0.5 to 1.
        public let score: Float
        /// Six points, right and left being the person's own.
        public let keypoints: [SIMD2<Float>]
    }

    /// How far away faces may be.
    public enum Range: Sendable, CaseIterable {
        /// Faces that fill a good part of the picture, such as in a self-portrait.
        case short
        /// Faces of a twentieth of the picture and more.
        case full

        fileprivate var file: String {
            switch self {
            case .short: "face_detection_short_range.tflite"
            case .full: "face_detection_full_range_sparse.tflite"
            }
        }

        fileprivate var layout: AnchorDetector.Layout {
            switch self {
            case .short: .init(side: 128, grids: [(16, 2), (8, 6)], keypointCount: 6)
            case .full: .init(side: 192, grids: [(48, 1)], keypointCount: 6)
            }
        }
    }

    private let detector: AnchorDetector

    /// Tiles of fewer pixels are not worth a look of their own.
    private static let smallestTile = 192
    /// Faces of which more than this part lies in another one are the same.
    private static let sameOverlap: Float = 0.5

    /// - Parameter folder: `Models/perception/mediapipe`, or another folder with that file.
    /// - Throws: `WeightsError` if the file cannot be read or is another network.
    public init(folder: String, range: Range, in workspace: Workspace) throws {
        detector = try AnchorDetector(path: "\(folder)/\(range.file)", range.layout, in: workspace)
    }

    /// Finds faces in one look at the whole picture.
    ///
    /// - Returns: surest first.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func faces(in image: Image) throws -> [Face] {
        try detector.detections(in: image).map(Face.init)
    }

    /// Finds faces in the whole picture, and in its overlapping halves and quarters if they have enough pixels.
    ///
    /// - Returns: surest first.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func facesOfAllSizes(in image: Image) throws -> [Face] {
        var found = try detector.detections(in: image)
        let longerSide = max(image.width, image.height)
        for part in [2, 4] where longerSide / part >= Self.smallestTile {
            found += try detector.detections(in: image, tilesOfSide: longerSide / part)
        }
        return found.distinct(above: Self.sameOverlap).map(Face.init)
    }
}

extension MediaPipeFaceDetector.Face {
    fileprivate init(_ detection: MediaPipeDetection) {
        self.init(box: detection.box, score: detection.score, keypoints: detection.keypoints)
    }
}
