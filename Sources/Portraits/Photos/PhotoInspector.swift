import Foundation
import Imaging
import Networks
import Tensors

/// Looks at photos while the studio paints: on a thread and with memory of its own, so that nobody waits for a portrait.
public actor PhotoInspector {
    private nonisolated let executor = EngineExecutor(name: "photo inspector")
    private let workspace = Workspace(threadCount: 1)
    private let search: FaceSearch

    /// The inspector's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// An inspector that uses the shipped face detector.
    public init(resources: ResourceLocator) {
        search = FaceSearch(resources: resources, workspace: workspace)
    }

    /// Finds and judges the faces of a photo.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `WeightsError` if the detector cannot be read.
    public func inspect(_ photo: URL) throws -> PhotoInspection {
        let photo = try SearchedPhoto(photo)
        return PhotoInspection(
            width: photo.originalWidth, height: photo.originalHeight,
            faces: try search.faces(in: photo).map {
                try judged($0, in: photo.image, enlargement: 1 / photo.scale)
            })
    }

    private func judged(
        _ face: DetectedFace, in image: Image, enlargement: Double
    ) throws -> PhotoInspection.Face {
        let inPhoto = face.scaled(by: enlargement)
        let aligned = try Image(
            FaceAlignment.alignedFace(of: image, landmarks: face.points, in: workspace), range: .signedUnit)
        return PhotoInspection.Face(
            left: Double(face.box.left) * enlargement, top: Double(face.box.top) * enlargement,
            width: Double(face.box.width) * enlargement, height: Double(face.box.height) * enlargement,
            landmarks: inPhoto.points, aligned: aligned,
            warnings: PhotoInspection.Warning.of(
                aligned: aligned, width: Double(face.box.width) * enlargement, landmarks: face.points))
    }
}
