import Foundation
import Imaging
import Tensors

/// The people of a picture, seen as OpenPose would.
public struct PoseInspection: Sendable {
    /// From left to right, in pixels of the file.
    public let poses: [BodyPose]
    /// OpenPose's drawing of them on black, of the picture's shape; its shorter side has 512 pixels, for which the sticks
    /// are made.
    public let skeleton: Image
}

/// Looks for the postures of people: on a thread and with memory of its own, so that nobody waits for a portrait.
public actor PoseInspector {
    private nonisolated let executor = EngineExecutor(name: "pose inspector")
    private let workspace = Workspace(threadCount: 1)
    private let resources: ResourceLocator

    /// The inspector's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// An inspector that uses the shipped pose networks.
    public init(resources: ResourceLocator) {
        self.resources = resources
    }

    /// Finds and draws everybody in a picture.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `WeightsError` if a network cannot be read,
    ///   `PortraitError.noPose`.
    public func inspect(_ file: URL) throws -> PoseInspection {
        let picture = try ImageFile.read(file.path).flattened(onto: [0, 0, 0])
        let poses = try DetectedSkeletons.poses(in: picture, resources: resources, workspace: workspace)
        guard !poses.isEmpty else { throw PortraitError.noPose(picture: file.path) }
        let scale = Double(DetectedSkeletons.drawingSide) / Double(min(picture.width, picture.height))
        let (width, height) = (
            Int((Double(picture.width) * scale).rounded()), Int((Double(picture.height) * scale).rounded())
        )
        let letterbox = Letterbox(of: picture, width: width, height: height)
        return PoseInspection(
            poses: poses,
            skeleton: Image(skeletonsOf: poses.map(letterbox.pose), width: width, height: height))
    }
}
