import Foundation
import Imaging
import Tensors

/// The people of a picture, seen as OpenPose would.
public struct PoseInspection: Sendable {
    /// From left to right, in pixels of the file.
    public let poses: [BodyPose]
    /// The networks that found them, as people read it.
    public let finder: String
    /// OpenPose's drawing of them on black, of the picture's shape; its shorter side has 512 pixels, for which the sticks
    /// are made.
    public let skeleton: Image

    package init(poses: [BodyPose], finder: String, skeleton: Image) {
        (self.poses, self.finder, self.skeleton) = (poses, finder, skeleton)
    }
}

/// Looks for the postures of people: on a thread and with memory of its own, so that nobody waits for a portrait.
public actor PoseInspector {
    private nonisolated let executor = EngineExecutor(name: "pose inspector")
    private let search: PoseSearch

    /// The inspector's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// An inspector that uses OpenPose where the user has its weights, else the shipped pose networks.
    public init(resources: ResourceLocator) {
        search = PoseSearch(resources: resources, workspace: Workspace(threadCount: 1))
    }

    /// A picture, not larger than asked for, with the skeletons of its people drawn over it; a picture that is a skeleton
    /// stays as it is.
    ///
    /// - Throws: as ``inspect(_:)``.
    public func drawn(over file: URL, longestSide: Int) throws -> Image {
        let picture = try ImageFile.read(file.path).flattened(onto: [0, 0, 0])
        let small = picture.fitted(longestSide: longestSide, filter: .area)
        guard !picture.isSkeleton else { return small }
        let skeleton = try inspect(file).skeleton
            .resized(width: small.width, height: small.height, filter: .bilinear)
        let drawn = stride(from: 0, to: skeleton.pixels.count, by: 3).map { start -> Float in
            skeleton.pixels[start..<start + 3].max() ?? 0 > 40 ? 1 : 0
        }
        return skeleton.blended(
            over: small, mask: Mask(width: small.width, height: small.height, values: drawn))
    }

    /// Finds and draws everybody in a picture.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `WeightsError` if a network cannot be read,
    ///   `PortraitError.noPose`, `.alreadySkeleton`.
    public func inspect(_ file: URL) throws -> PoseInspection {
        let picture = try ImageFile.read(file.path).flattened(onto: [0, 0, 0])
        guard !picture.isSkeleton else { throw PortraitError.alreadySkeleton(picture: file.path) }
        let found = try search.poses(in: picture)
        guard !found.poses.isEmpty else { throw PortraitError.noPose(picture: file.path) }
        return PoseInspection(
            poses: found.poses, finder: found.finder,
            skeleton: PoseDrawing.skeleton(of: found.poses, in: picture))
    }
}
