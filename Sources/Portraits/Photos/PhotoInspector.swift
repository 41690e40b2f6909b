import Foundation
import Imaging
import Networks
import Tensors

/// Looks at photos while the studio paints: on a thread and with memory of its own, so that nobody waits for a portrait.
public actor PhotoInspector {
    private nonisolated let executor = EngineExecutor(name: "photo inspector")
    private let workspace = Workspace(threadCount: 1)
    private let search: FaceSearch
    private let resources: ResourceLocator
    private var headFinder: HeadFinder?

    /// The inspector's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// An inspector that uses the shipped face detector.
    public init(resources: ResourceLocator) {
        search = FaceSearch(resources: resources, workspace: workspace)
        self.resources = resources
    }

    /// Finds and judges the faces of a photo.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `WeightsError` if the detector cannot be read.
    public func inspect(_ photo: URL) throws -> PhotoInspection {
        let photo = try SearchedPhoto(photo)
        let headFinder =
            try self.headFinder ?? HeadFinder(folder: resources.mediaPipeModels.path, in: workspace)
        self.headFinder = headFinder
        return PhotoInspection(
            width: photo.originalWidth, height: photo.originalHeight,
            faces: try search.faces(in: photo).map {
                let head = try headFinder.head(landmarks: $0.points, in: photo.image)
                return try judged($0, head: head, in: photo.image, enlargement: 1 / photo.scale)
            })
    }

    private func judged(
        _ face: DetectedFace, head: Head?, in image: Image, enlargement: Double
    ) throws -> PhotoInspection.Face {
        let inPhoto = face.scaled(by: enlargement)
        func aligned(_ image: Image, _ landmarks: [Point]) throws -> Image {
            try Image(
                FaceAlignment.alignedFace(of: image, landmarks: landmarks, in: workspace), range: .signedUnit)
        }
        let whole = try aligned(image, face.points)
        return PhotoInspection.Face(
            left: Double(face.box.left) * enlargement, top: Double(face.box.top) * enlargement,
            width: Double(face.box.width) * enlargement, height: Double(face.box.height) * enlargement,
            landmarks: inPhoto.points, aligned: whole,
            head: try head.map { try aligned($0.image, $0.landmarks) },
            warnings: PhotoInspection.Warning.of(
                aligned: whole, width: Double(face.box.width) * enlargement, landmarks: face.points))
    }
}
