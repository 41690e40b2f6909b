import Foundation
import Portraits

extension GenerateOptions {
    static let poseOptions: [CommandOption<GenerateOptions>] = [
        .value("--pose", "FILE", "a picture whose posture is followed, or a skeleton (PNG or JPEG)") {
            $0.pose.pose = .picture(URL(fileURLWithPath: $1))
        },
        .value("--pose-weight", "W", "how strictly the posture is followed, 0 to 2 (default 1)") {
            $0.pose.weight = try ArgumentValue.decimal($1, "--pose-weight", in: 0...2)
        },
        .value("--pose-start", "F", "fraction of the steps after which it begins to count (default 0)") {
            $0.pose.start = try ArgumentValue.decimal($1, "--pose-start", in: 0...1)
        },
        .value("--pose-end", "F", "fraction of the steps after which it ends (default 1)") {
            $0.pose.end = try ArgumentValue.decimal($1, "--pose-end", in: 0...1)
        },
        .value("--controlnet", "DIR|FILE", "the pose ControlNet (default: controlnet/ beside the model)") {
            $0.pose.network = URL(fileURLWithPath: $1)
        },
    ]

    /// Refuses options of a pose without a picture.
    ///
    /// - Throws: `UsageError`.
    func checkPose() throws {
        guard let control = request.controls.first, control.pose == Self.noPicture else { return }
        throw UsageError("A picture with the posture is needed too: --pose FILE.")
    }

    private static let noPicture = PoseControl.Pose.picture(URL(fileURLWithPath: "/"))

    /// The request's pose, as long as its options are read.
    private var pose: PoseControl {
        get { request.controls.first ?? PoseControl(Self.noPicture) }
        set { request.controls = [newValue] }
    }
}
