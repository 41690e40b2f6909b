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
        let found = try cascade.faces(in: image.tensor(range: .byte, in: workspace)).filter {
            try $0.score >= Self.sureScore || mediaPipe.mesh(of: $0, in: image) != nil
        }
        let others = try mediaPipe.faces(in: image).filter { face in
            !found.contains { $0.box.overlapOfSmaller(with: face.box) > Self.sameOverlap }
        }
        return found + others
    }
}
