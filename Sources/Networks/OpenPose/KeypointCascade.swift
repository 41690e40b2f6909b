import Tensors
import Weights

/// OpenPose's network for the points of one hand or one face.
///
/// Simon, Joo, Matthews, Sheikh: "Hand Keypoint Detection in Single Images using Multiview Bootstrapping", CVPR 2017,
/// arXiv:1704.07809, section 4.1. The keys are those of `hand_pose_model.pth`, with or without the module names of
/// pytorch-openpose (`model1_0.conv1_1`), and of `facenet.pth`.
package struct KeypointCascade: Sendable {
    private let features: ConvolutionStack
    private let firstStage: ConvolutionStack
    private let refinements: [ConvolutionStack]

    /// The hand network: 21 points, and a map for where there is none.
    ///
    /// - Parameter scope: the root of `hand_pose_model.pth`.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    package init(hand scope: WeightScope) throws {
        try self.init(scope, mapCount: 22)
    }

    /// The face network: 70 points, and a map for where there is none.
    ///
    /// - Parameter scope: the root of `facenet.pth`.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    package init(face scope: WeightScope) throws {
        try self.init(scope, mapCount: 71)
    }

    private init(_ scope: WeightScope, mapCount: Int) throws {
        features = try ConvolutionStack(
            scope.module("model1_0"), inputs: 3,
            .vgg + .threes(["conv4_3", "conv4_4", "conv5_1", "conv5_2", "conv5_3_CPM"]))
        firstStage = try ConvolutionStack(
            scope.module("model1_1"), inputs: features.outputs,
            [
                .rectified("conv6_1_CPM", kernel: 1),
                .maps("conv6_2_CPM", count: mapCount, isRectified: false),
            ])
        let inputs = mapCount + features.outputs
        refinements = try (2...6).map { stage in
            try ConvolutionStack(
                scope.module("model\(stage)"), inputs: inputs,
                .refinement("stage\(stage)", count: mapCount, isRectified: false))
        }
        try scope.finish(ignoring: [])
    }

    /// - Parameter image: blue, green, red in -0.5...0.5, [1, height, width, 3], sides at least 8.
    /// - Returns: one heatmap a point, and the one for none: [1, height / 8, width / 8, points + 1].
    /// - Throws: `CancellationError` if the workspace of `image` was cancelled.
    package func callAsFunction(_ image: Tensor) throws -> Tensor {
        let features = try features(image)
        var heatmaps = try firstStage(features)
        for refinement in refinements {
            heatmaps = try refinement(concatenated([heatmaps, features], axis: 3))
        }
        return heatmaps
    }
}
