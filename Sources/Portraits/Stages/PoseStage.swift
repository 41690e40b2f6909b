import Foundation
import Imaging
import Tensors

/// Pose pictures → skeletons of the portrait's size, as ControlNets see them.
struct PoseStage {
    let search: PoseSearch
    let drawing: PoseDrawing
    let workspace: Workspace
    let clock: StageClock

    /// What a pose's ControlNet sees, [1, height, width, 3] in 0…1.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `WeightsError` if a network cannot be read,
    ///   `PortraitError.noPose`.
    func picture(of pose: PoseControl.Pose, settings: PortraitSettings) throws -> Tensor {
        try skeleton(of: pose, width: settings.width, height: settings.height)
            .tensor(range: .unit, in: workspace)
    }

    /// A skeleton on black of that size; a picture that is one already is only brought to the size.
    private func skeleton(of pose: PoseControl.Pose, width: Int, height: Int) throws -> Image {
        switch pose {
        case .skeleton(let image):
            return Self.fitted(image, width: width, height: height)
        case .picture(let file):
            let picture = try ImageFile.read(file.path).flattened(onto: [0, 0, 0])
            if picture.isSkeleton {
                clock.notice("\(file.lastPathComponent) is a skeleton already and is used as it is.")
                return Self.fitted(picture, width: width, height: height)
            }
            let found = try search.poses(in: picture)
            guard !found.poses.isEmpty else { throw PortraitError.noPose(picture: file.path) }
            let people = found.poses.count == 1 ? "1 person" : "\(found.poses.count) people"
            clock.notice("\(file.lastPathComponent): the pose of \(people), found by \(found.finder).")
            return drawing.skeleton(of: found.poses, in: picture, width: width, height: height)
        }
    }

    private static func fitted(_ skeleton: Image, width: Int, height: Int) -> Image {
        let shrinks = skeleton.width > width || skeleton.height > height
        return skeleton.flattened(onto: [0, 0, 0])
            .letterboxed(width: width, height: height, filter: shrinks ? .area : .bilinear)
    }
}
