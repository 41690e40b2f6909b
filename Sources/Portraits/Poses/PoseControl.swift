import Foundation
import Imaging

/// A posture that the portrait shall have, and the ControlNet that makes the model follow it.
public struct PoseControl: Sendable, Equatable {
    /// Where the posture is seen.
    public enum Pose: Sendable, Equatable {
        /// A PNG or JPEG picture of somebody, or a skeleton in OpenPose's colours.
        case picture(URL)
        /// A skeleton in OpenPose's colours.
        case skeleton(Image)
    }

    /// What is followed.
    public var pose: Pose
    /// A ControlNet's folder or file; `nil` takes `controlnet/` in the base model's folder.
    public var network: URL?
    /// How strongly it is followed; 0 is not at all, 1 as it was trained.
    public var weight: Float
    /// The fraction of the steps after which it begins, 0…1.
    public var start: Float
    /// The fraction of the steps after which it ends, 0…1.
    public var end: Float

    /// By default the model's own ControlNet, at its full weight, from the first step to the last.
    public init(_ pose: Pose, network: URL? = nil, weight: Float = 1, start: Float = 0, end: Float = 1) {
        self.pose = pose
        self.network = network
        self.weight = weight
        self.start = start
        self.end = end
    }
}

extension PoseControl {
    /// How it is written into the picture.
    ///
    /// - Throws: `PortraitError.valueOutOfRange`.
    func settled() throws -> PortraitSettings.Control {
        guard start <= end else {
            throw PortraitError.valueOutOfRange(
                name: "the pose's start", value: "\(start)", allowed: "at most its end, \(end)")
        }
        return PortraitSettings.Control(
            pose: pictureName, network: network?.deletingPathExtension().lastPathComponent, weight: weight,
            start: start, end: end)
    }

    private var pictureName: String? {
        guard case .picture(let file) = pose else { return nil }
        return file.deletingPathExtension().lastPathComponent
    }
}
