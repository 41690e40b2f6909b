import Foundation
import Imaging
import Networks
import Tensors

/// Looks at photos while the studio paints: on a thread and with memory of its own, so that nobody waits for a portrait.
public actor PhotoInspector {
    /// Photos are searched at this size, as in the studio, so that both find the same faces.
    private static let longestSide = 1000

    private nonisolated let executor = EngineExecutor(name: "photo inspector")
    private let workspace = Workspace(threadCount: 1)
    private let resources: ResourceLocator
    private var detector: MTCNN?

    /// The inspector's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// An inspector that uses the shipped face detector.
    public init(resources: ResourceLocator) {
        self.resources = resources
    }

    /// Finds and judges the faces of a photo.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `WeightsError` if the detector cannot be read.
    public func inspect(_ photo: URL) throws -> PhotoInspection {
        let original = try ImageFile.read(photo.path).flattened(onto: [0, 0, 0])
        let image = original.fitted(longestSide: Self.longestSide, filter: .area)
        let enlargement = Double(original.width) / Double(image.width)
        let faces = try loadedDetector().faces(in: image.tensor(range: .byte, in: workspace)).leftToRight
        return PhotoInspection(
            width: original.width, height: original.height,
            faces: try faces.map { try judged($0, in: image, enlargement: enlargement) })
    }

    private func judged(
        _ face: DetectedFace, in image: Image, enlargement: Double
    ) throws -> PhotoInspection.Face {
        let landmarks = face.landmarks.map { Point(x: Double($0.x), y: Double($0.y)) }
        let aligned = try Image(
            FaceAlignment.alignedFace(of: image, landmarks: landmarks, in: workspace), range: .signedUnit)
        return PhotoInspection.Face(
            left: Double(face.box.left) * enlargement, top: Double(face.box.top) * enlargement,
            width: Double(face.box.width) * enlargement, height: Double(face.box.height) * enlargement,
            aligned: aligned,
            warnings: PhotoInspection.Warning.of(
                aligned: aligned, width: Double(face.box.width) * enlargement))
    }

    private func loadedDetector() throws -> MTCNN {
        if let detector { return detector }
        let loaded = try MTCNN(folder: resources.perceptionModels.path, in: workspace)
        detector = loaded
        return loaded
    }
}
