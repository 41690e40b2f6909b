import Foundation
import Imaging
import Networks
import Tensors

/// Finds people with the pose networks that are shipped with the program, and draws their skeletons.
struct DetectedSkeletons: SkeletonSource {
    /// OpenPose's sticks and circles have sizes that belong to pictures of this many pixels.
    static let drawingSide = 512

    let resources: ResourceLocator
    /// The size of picture that the model was made for. A model of small pictures sees the drawing of a large one,
    /// shrunken, so that its sticks are as thick as those it was trained with.
    let modelSide: Int
    let workspace: Workspace

    func skeleton(of picture: Image, width: Int, height: Int) throws -> Image? {
        let poses = try Self.poses(in: picture, resources: resources, workspace: workspace)
        guard !poses.isEmpty else { return nil }
        let enlargement = max(1, Self.drawingSide / modelSide)
        let (drawnWidth, drawnHeight) = (width * enlargement, height * enlargement)
        let letterbox = Letterbox(of: picture, width: drawnWidth, height: drawnHeight)
        return Image(skeletonsOf: poses.map(letterbox.pose), width: drawnWidth, height: drawnHeight)
            .resized(width: width, height: height, filter: .area)
    }

    /// Everybody of whom a limb can be drawn.
    static func poses(in picture: Image, resources: ResourceLocator, workspace: Workspace) throws
        -> [BodyPose]
    {
        try MediaPipePose(folder: resources.mediaPipeModels.path, in: workspace).poses(in: picture)
            .filter { $0.points.compactMap(\.self).count >= 2 }
    }
}
