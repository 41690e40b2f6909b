import Imaging
import Tensors

/// Looks for the postures of people with the best networks that are there.
///
/// They are read for each picture and let go again: OpenPose's three have half a gigabyte.
struct PoseSearch {
    /// A person of whom less is seen has no limb that could be drawn.
    private static let leastPoints = 2

    let resources: ResourceLocator
    let workspace: Workspace

    /// The networks that are used: the reference's where the user has their weights, else the shipped ones.
    static func title(for resources: ResourceLocator) -> String {
        OpenPoseFiles(in: resources.userPerceptionModels)?.title ?? ShippedPoseFinder.title
    }

    /// Everybody of whom a limb can be drawn, from left to right.
    ///
    /// - Parameter picture: opaque.
    /// - Throws: `WeightsError` if a network cannot be read, `CancellationError`.
    func poses(in picture: Image) throws -> FoundPoses {
        let finder: any PoseFinder =
            if let files = OpenPoseFiles(in: resources.userPerceptionModels) {
                try OpenPoseFinder(files, in: workspace)
            } else {
                try ShippedPoseFinder(resources: resources, in: workspace)
            }
        var found = try finder.poses(in: picture)
        found.poses = found.poses
            .filter { $0.points.compactMap(\.self).count >= Self.leastPoints }
            .sorted { $0.middle < $1.middle }
        return found
    }
}

extension BodyPose {
    /// Where the person is between left and right: the mean of all points.
    fileprivate var middle: Double {
        let columns = points.compactMap { $0?.position.x }
        return columns.reduce(0, +) / Double(max(columns.count, 1))
    }
}
