import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// Finds the people of a picture with the points of their bodies.
protocol PoseFinder {
    /// The people of an opaque picture, in its pixels, in any order.
    ///
    /// - Throws: `CancellationError`.
    func poses(in picture: Image) throws -> FoundPoses
}

/// People, and who found them.
struct FoundPoses {
    var poses: [BodyPose]
    /// What people read.
    let finder: String
}

/// The reference's annotator, where its weights are; with hands and faces as far as theirs are.
struct OpenPoseFinder: PoseFinder {
    private let network: OpenPose
    private let title: String
    private let workspace: Workspace

    /// - Throws: `WeightsError` if a file cannot be read or is another network.
    init(_ files: OpenPoseFiles, in workspace: Workspace) throws {
        title = files.title
        func scope(_ file: URL) throws -> WeightScope {
            WeightScope(try WeightFile.open(file.path), in: workspace)
        }
        network = try OpenPose(
            body: scope(files.body), hand: files.hand.map(scope), face: files.face.map(scope))
        self.workspace = workspace
    }

    func poses(in picture: Image) throws -> FoundPoses {
        FoundPoses(
            poses: try network.poses(in: picture.tensor(range: .byte, in: workspace)), finder: title)
    }
}

/// OpenPose's published files under their own names, as far as a user has them.
struct OpenPoseFiles: Equatable {
    let body: URL
    let hand: URL?
    let face: URL?

    /// - Parameter folder: the user's folder of perception models.
    /// - Returns: `nil` without the body's file, for hands and faces are looked for where a body is.
    init?(in folder: URL) {
        func file(_ name: String) -> URL? {
            let file = folder.appendingPathComponent(name)
            return FileManager.default.fileExists(atPath: file.path) ? file : nil
        }
        guard let body = file("body_pose_model.pth") else { return nil }
        self.body = body
        hand = file("hand_pose_model.pth")
        face = file("facenet.pth")
    }

    /// What people read, such as "OpenPose (body, hands)".
    var title: String {
        let parts = ["body", hand.map { _ in "hands" }, face.map { _ in "face" }].compactMap(\.self)
        return "OpenPose (\(parts.joined(separator: ", ")))"
    }
}
