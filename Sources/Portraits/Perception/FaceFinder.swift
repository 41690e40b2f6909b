import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// Finds the faces of a picture with five landmarks each.
protocol FaceFinder {
    /// What people read.
    static var title: String { get }

    /// The faces of an opaque picture, in its pixels.
    ///
    /// - Throws: `CancellationError`.
    func faces(in image: Image) throws -> [DetectedFace]
}

/// The reference's detector, where its weights are.
struct RetinaFaceFinder: FaceFinder {
    static let title = "RetinaFace"

    /// The names that its published files have, and a plain one.
    private static let fileNames = [
        "detection_Resnet50_Final.pth", "retinaface.pth", "retinaface.pt", "retinaface.safetensors",
        "detection_mobilenet0.25_Final.pth",
    ]

    private let detector: RetinaFace
    private let workspace: Workspace

    /// - Throws: `WeightsError` if the file cannot be read or is another network.
    init(file: URL, in workspace: Workspace) throws {
        detector = try RetinaFace(WeightScope(WeightFile.open(file.path), in: workspace))
        self.workspace = workspace
    }

    /// The weights in the user's folder of perception models.
    static func file(in folder: URL) -> URL? {
        fileNames.map { folder.appendingPathComponent($0) }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    func faces(in image: Image) throws -> [DetectedFace] {
        try detector.faces(in: image.tensor(range: .byte, in: workspace))
    }
}

/// The shipped detectors: MTCNN, whose landmarks are the very ones that alignment was made for, and MediaPipe's, which see
/// drawn and turned faces that it misses and know false ones.
struct ShippedFaceFinder: FaceFinder {
    static let title = "MTCNN, completed by MediaPipe"

    /// MTCNN's own false faces score up to 0.9; what is less sure than this must have a mesh as well.
    private static let sureScore: Float = 0.95
    /// So far apart, in parts of the eyes' distance, the mesh's landmarks take the place of MTCNN's. On photos they are
    /// nearer (0.03 to 0.05), and MTCNN's stay, for which alignment was made; on drawn faces the mesh's are closer to the
    /// truth (0.05 against 0.08, `Benchmarks/perception.py`). Further apart, the two look at different things.
    private static let correctedDistances: ClosedRange<Float> = 0.06...0.3
    /// Faces of which more than this part lies in another one are the same.
    private static let sameOverlap: Float = 0.4

    private let cascade: MTCNN
    private let mediaPipe: MediaPipeFaces
    private let workspace: Workspace

    /// - Parameter folder: `Models/perception`.
    /// - Throws: `WeightsError` if a file cannot be read or is another network.
    init(folder: URL, in workspace: Workspace) throws {
        cascade = try MTCNN(folder: folder.path, in: workspace)
        mediaPipe = try MediaPipeFaces(
            folder: folder.appendingPathComponent("mediapipe").path, in: workspace)
        self.workspace = workspace
    }

    func faces(in image: Image) throws -> [DetectedFace] {
        let found = try cascade.faces(in: image.tensor(range: .byte, in: workspace)).compactMap {
            try checked($0, in: image)
        }
        let others = try mediaPipe.faces(in: image).filter { face in
            !found.contains { $0.box.overlapOfSmaller(with: face.box) > Self.sameOverlap }
        }
        return found + others
    }

    /// A face of MTCNN's, with its mesh's landmarks where those are others.
    ///
    /// - Returns: `nil` where MTCNN is not sure, and there is no mesh either.
    private func checked(_ face: DetectedFace, in image: Image) throws -> DetectedFace? {
        guard let mesh = try mediaPipe.mesh(of: face, in: image) else {
            return face.score >= Self.sureScore ? face : nil
        }
        guard Self.correctedDistances.contains(face.landmarkDistance(to: mesh.landmarks)) else { return face }
        return DetectedFace(box: face.box, score: face.score, landmarks: mesh.landmarks)
    }
}

extension DetectedFace {
    /// The mean distance of landmarks from this face's, in parts of the distance between its eyes.
    fileprivate func landmarkDistance(to others: [SIMD2<Float>]) -> Float {
        func length(_ vector: SIMD2<Float>) -> Float { (vector * vector).sum().squareRoot() }
        let distances = zip(landmarks, others).map { length($0 - $1) }
        return distances.reduce(0, +) / Float(distances.count) / max(length(landmarks[0] - landmarks[1]), 1)
    }
}
