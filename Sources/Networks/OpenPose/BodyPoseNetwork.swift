import Tensors
import Weights

/// OpenPose's body network: where joints are, and in which direction limbs run.
///
/// Cao, Simon, Wei, Sheikh: "Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields", CVPR 2017,
/// arXiv:1611.08050, section 2; the COCO model of 18 joints and 19 limbs. The keys are those of
/// `body_pose_model.pth`, with or without the module names of pytorch-openpose (`model0.conv1_1`). That file has six
/// stages; the weights say how many there are, and how wide their layers.
package struct BodyPoseNetwork: Sendable {
    /// Two maps a limb: x and y of its direction.
    package static let affinityCount = 38
    /// One map a joint, and one for where there is none.
    package static let heatmapCount = 19

    private let features: ConvolutionStack
    private let stages: [(affinities: ConvolutionStack, heatmaps: ConvolutionStack)]

    /// - Parameter scope: the root of `body_pose_model.pth`.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    package init(_ scope: WeightScope) throws {
        let features = try ConvolutionStack(
            scope.module("model0"), inputs: 3, .vgg + .threes(["conv4_3_CPM", "conv4_4_CPM"]))
        self.features = features
        func branch(_ stage: Int, _ branch: Int, count: Int) throws -> ConvolutionStack {
            try ConvolutionStack(
                scope.module("model\(stage)_\(branch)"),
                inputs: features.outputs + (stage == 1 ? 0 : Self.affinityCount + Self.heatmapCount),
                Self.layers(stage: stage, branch: branch, count: count))
        }
        stages = try (1...Self.stageCount(scope)).map {
            (try branch($0, 1, count: Self.affinityCount), try branch($0, 2, count: Self.heatmapCount))
        }
        try scope.finish(ignoring: [])
    }

    /// Stages behind the first one are there as long as the weights know them.
    private static func stageCount(_ scope: WeightScope) -> Int {
        var count = 1
        while scope.module("model\(count + 1)_1").contains("Mconv1_stage\(count + 1)_L1") { count += 1 }
        return count
    }

    private static func layers(stage: Int, branch: Int, count: Int) -> [ConvolutionStack.Layer] {
        guard stage == 1 else {
            // The published last heatmaps are rectified: a slip of the public code that its numbers rest on.
            return .refinement(
                "stage\(stage)_L\(branch)", count: count, isRectified: stage == 6 && branch == 2)
        }
        let suffix = "CPM_L\(branch)"
        return .threes((1...3).map { "conv5_\($0)_\(suffix)" }) + [
            .rectified("conv5_4_\(suffix)", kernel: 1),
            .maps("conv5_5_\(suffix)", count: count, isRectified: false),
        ]
    }

    /// - Parameter image: blue, green, red in -0.5...0.5, [1, height, width, 3], sides at least 8.
    /// - Returns: part affinity fields [1, height / 8, width / 8, 38] and heatmaps [1, height / 8, width / 8, 19].
    /// - Throws: `CancellationError` if the workspace of `image` was cancelled.
    package func callAsFunction(_ image: Tensor) throws -> (affinities: Tensor, heatmaps: Tensor) {
        let features = try features(image)
        func maps(
            of stage: (affinities: ConvolutionStack, heatmaps: ConvolutionStack), _ input: Tensor
        ) throws -> (affinities: Tensor, heatmaps: Tensor) {
            (try stage.affinities(input), try stage.heatmaps(input))
        }
        var found = try maps(of: stages[0], features)
        for stage in stages.dropFirst() {
            found = try maps(
                of: stage, concatenated([found.affinities, found.heatmaps, features], axis: 3))
        }
        return found
    }
}
