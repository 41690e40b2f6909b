import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// The shipped networks, for bodies only: MediaPipe's for photos, and one of our own for drawn people, of whom MediaPipe
/// misses most and places the others badly.
///
/// Each sees the other's people where none are or not as they stand. Faces are found well in both worlds and decide: how
/// well a network's people account for them, and whether they look drawn.
struct ShippedPoseFinder: PoseFinder {
    static let title = "MediaPipe, completed for drawn people"
    private static let photoTitle = "MediaPipe"
    private static let drawnTitle = "the network for drawn people"

    /// Of photos the mean over all faces lies below this, of the rendered world's pictures above (30 photographed and 62
    /// drawn faces; single ones cross it when they laugh or stare).
    private static let drawnEyeOpening = 0.29
    /// Larger pictures are shown at this size to the network for drawn people, which sees 184 rows in any case.
    private static let drawnSide = 512
    /// People who account for the faces this badly are not those of the picture.
    private static let leastAgreement = 0.3

    private let photographed: MediaPipePose
    private let drawn: OpenPose
    private let faces: FaceSearch
    private let meshes: MediaPipeFaceMesh
    private let workspace: Workspace

    /// - Throws: `WeightsError` if a file cannot be read or is another network.
    init(resources: ResourceLocator, in workspace: Workspace) throws {
        photographed = try MediaPipePose(folder: resources.mediaPipeModels.path, in: workspace)
        let file = try WeightFile.open(resources.drawnBodyModel.path)
        drawn = try OpenPose(body: WeightScope(file, in: workspace), hand: nil, face: nil)
        faces = FaceSearch(resources: resources, workspace: workspace)
        meshes = try MediaPipeFaceMesh(folder: resources.mediaPipeModels.path, in: workspace)
        self.workspace = workspace
    }

    func poses(in picture: Image) throws -> FoundPoses {
        let fromPhoto = try photographed.poses(in: picture)
        let photo = SearchedPhoto(picture)
        let detected = try faces.faces(in: photo)
        let places = detected.map { FacePlace($0, scale: photo.scale) }
        let photoAgreement = places.agreement(with: fromPhoto)
        if photoAgreement >= Self.leastAgreement, try !lookDrawn(detected, in: photo.image) {
            return FoundPoses(poses: fromPhoto, finder: Self.photoTitle)
        }
        let fromDrawing = try drawnPeople(in: picture)
        guard places.agreement(with: fromDrawing) > photoAgreement else {
            return FoundPoses(poses: fromPhoto, finder: Self.photoTitle)
        }
        // Patterns look like drawn people to it; nobody in its world turns their back.
        let real = fromDrawing.filter { pose in places.contains { $0.agreement(with: pose) > 0 } }
        return FoundPoses(poses: real, finder: Self.drawnTitle)
    }

    private func drawnPeople(in picture: Image) throws -> [BodyPose] {
        let small = picture.fitted(longestSide: Self.drawnSide, filter: .area)
        let enlarged = Letterbox(of: small, width: picture.width, height: picture.height)
        return try drawn.poses(in: small.tensor(range: .byte, in: workspace)).map(enlarged.pose)
    }

    private func lookDrawn(_ faces: [DetectedFace], in image: Image) throws -> Bool {
        let openings = try faces.compactMap { try meshes.mesh(of: $0, in: image)?.eyeOpening }
        return openings.reduce(0, +) > Self.drawnEyeOpening * Double(openings.count)
    }
}

/// Where a face's eyes and nose are.
struct FacePlace {
    private static let joints: [BodyPose.Joint] = [.rightEye, .leftEye, .nose]
    /// So far away, in parts of the eyes' distance, a body's eyes and nose are another face's.
    private static let farthest = 0.5

    private let points: [Point]

    /// - Parameter scale: pixels in which the face was found for one of the picture's.
    init(_ face: DetectedFace, scale: Double) {
        points = face.points.prefix(Self.joints.count).map { Point(x: $0.x / scale, y: $0.y / scale) }
    }

    /// 1 where eyes and nose lie on the face's, 0 where they are another's.
    func agreement(with pose: BodyPose) -> Double {
        let distances = zip(Self.joints, points).compactMap { joint, point in
            pose[joint].map { $0.position.distance(to: point) }
        }
        let eyes = max(points[0].distance(to: points[1]), 1)
        guard distances.count >= 2 else { return 0 }
        return max(0, 1 - distances.reduce(0, +) / Double(distances.count) / eyes / Self.farthest)
    }
}

extension [FacePlace] {
    /// How well people account for the faces of a picture: the mean over all faces.
    func agreement(with poses: [BodyPose]) -> Double {
        reduce(0) { sum, face in sum + (poses.map(face.agreement).max() ?? 0) } / Double(Swift.max(count, 1))
    }
}
