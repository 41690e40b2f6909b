import Imaging
import Tensors
import Weights

/// Faces, their five landmarks and their meshes by MediaPipe's detectors and face mesh.
public struct MediaPipeFaces: Sendable {
    private let farDetector: MediaPipeFaceDetector
    private let nearDetector: MediaPipeFaceDetector
    private let meshNetwork: MediaPipeFaceMesh

    /// - Parameter folder: `Models/perception/mediapipe`, or another folder with its files.
    /// - Throws: `WeightsError` if a file cannot be read or is another network.
    public init(folder: String, in workspace: Workspace) throws {
        farDetector = try MediaPipeFaceDetector(folder: folder, range: .full, in: workspace)
        nearDetector = try MediaPipeFaceDetector(folder: folder, range: .short, in: workspace)
        meshNetwork = try MediaPipeFaceMesh(folder: folder, in: workspace)
    }

    /// Finds the faces in a picture: both detectors propose, and the mesh decides.
    ///
    /// - Returns: the faces, surest first; the landmarks of each pair begin with the person's right one, which on an
    ///   upright face is the one on the left of the picture. The score is the mesh's.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func faces(in image: Image) throws -> [DetectedFace] {
        let proposals = try nearDetector.faces(in: image) + farDetector.facesOfAllSizes(in: image)
        var faces: [DetectedFace] = []
        for proposal in proposals.sorted(by: { $0.score > $1.score }) {
            let mesh = try meshNetwork.mesh(
                box: proposal.box, rightEye: proposal.keypoints[0], leftEye: proposal.keypoints[1], in: image)
            guard let mesh, !faces.contains(where: { $0.isSame(as: mesh) }) else { continue }
            faces.append(DetectedFace(box: mesh.box, score: mesh.confidence, landmarks: mesh.landmarks))
        }
        return faces.sorted { $0.score > $1.score }
    }

    /// The mesh of a face that any detector, or a person, has found.
    ///
    /// - Returns: `nil` if the network sees no face there.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func mesh(of face: DetectedFace, in image: Image) throws -> FaceMesh? {
        try meshNetwork.mesh(of: face, in: image)
    }
}

extension DetectedFace {
    /// Whether a mesh is of this face: their middles are nearer than faces can be.
    fileprivate func isSame(as mesh: FaceMesh) -> Bool {
        let (distance, sides) = (box.center - mesh.box.center, max(box.width, mesh.box.width))
        return (distance * distance).sum().squareRoot() < 0.4 * sides
    }
}
