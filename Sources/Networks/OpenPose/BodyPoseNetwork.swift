import Tensors
import Weights

/// OpenPose's body network: where joints are, and in which direction limbs run.
///
/// Cao, Simon, Wei, Sheikh: "Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields", CVPR 2017,
/// arXiv:1611.08050, section 2; the COCO model of 18 joints and 19 limbs. The keys are those of
/// `body_pose_model.pth`, with or without the module names of pytorch-openpose (`model0.conv1_1`).
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
        features = try ConvolutionStack(
            scope.module("model0"),
            ConvolutionStack.Layer.vgg + [
                .rectified("conv4_3_CPM", inputs: 512, outputs: 256, kernel: 3),
                .rectified("conv4_4_CPM", inputs: 256, outputs: 128, kernel: 3),
            ])
        stages = try (1...6).map { stage in
            func branch(_ branch: Int, outputs: Int) throws -> ConvolutionStack {
                try ConvolutionStack(
                    scope.module("model\(stage)_\(branch)"),
                    Self.layers(stage: stage, branch: branch, outputs: outputs))
            }
            return (
                try branch(1, outputs: Self.affinityCount), try branch(2, outputs: Self.heatmapCount)
            )
        }
        try scope.finish(ignoring: [])
    }

    private static func layers(stage: Int, branch: Int, outputs: Int) -> [ConvolutionStack.Layer] {
        guard stage == 1 else {
            // The last heatmaps are rectified: a slip of the public code that the published numbers rest on.
            return ConvolutionStack.Layer.refinement(
                "stage\(stage)_L\(branch)", inputs: affinityCount + heatmapCount + 128, outputs: outputs,
                isRectified: stage == 6 && branch == 2)
        }
        return [
            .rectified("conv5_1_CPM_L\(branch)", inputs: 128, outputs: 128, kernel: 3),
            .rectified("conv5_2_CPM_L\(branch)", inputs: 128, outputs: 128, kernel: 3),
            .rectified("conv5_3_CPM_L\(branch)", inputs: 128, outputs: 128, kernel: 3),
            .rectified("conv5_4_CPM_L\(branch)", inputs: 128, outputs: 512, kernel: 1),
            .convolution("conv5_5_CPM_L\(branch)", inputs: 512, outputs: outputs, kernel: 1),
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
