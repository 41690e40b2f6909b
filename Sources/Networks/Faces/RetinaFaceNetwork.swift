import Tensors
import Weights

/// RetinaFace's network: at three scales, for two square anchors at each position, whether there is a face, and where.
///
/// Deng, Guo, Zhou, Yu, Kotsia, Zafeiriou: "RetinaFace: Single-stage Dense Face Localisation in the Wild", CVPR 2020,
/// arXiv:1905.00641, with the keys of Pytorch_Retinaface, which facexlib and ModelScope share. Which backbone it has is
/// seen from the weights: ResNet-50, or MobileNet with a quarter of the channels.
package struct RetinaFaceNetwork: Sendable {
    /// What the network says about its anchors, those of the finest scale first, row by row.
    package struct Output {
        /// [1, anchors, 4]: shifts of the centre and logarithms of the size.
        package let boxes: Tensor
        /// [1, anchors, 2]: probabilities of no face and of a face.
        package let probabilities: Tensor
        /// [1, anchors, 10]: x and y of five points.
        package let landmarks: Tensor

        package init(boxes: Tensor, probabilities: Tensor, landmarks: Tensor) {
            self.boxes = boxes
            self.probabilities = probabilities
            self.landmarks = landmarks
        }
    }

    /// The slope of leaky ReLU in the small network.
    static let leak: Float = 0.1
    private static let anchorsPerPosition = 2

    private enum Backbone: Sendable {
        case resNet50(ResNet)
        case mobileNet(QuarterMobileNet)
    }

    private let backbone: Backbone
    private let pyramid: FeaturePyramid
    private let contexts: [ContextModule]
    private let classHeads, boxHeads, landmarkHeads: [Conv2d]

    /// - Parameter scope: the root of the file, with or without the prefix `module.`.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    package init(_ scope: WeightScope) throws {
        let scope = scope.withoutDataParallelPrefix(of: "body")
        let body = scope.scope("body")
        let isSmall = body.contains("stage1")
        backbone =
            isSmall ? .mobileNet(try QuarterMobileNet(body)) : .resNet50(try ResNet(body, .resNet50))
        let width = isSmall ? 64 : 256
        let leak: Float = isSmall ? Self.leak : 0
        pyramid = try FeaturePyramid(
            scope.scope("fpn"), inputs: isSmall ? [64, 128, 256] : [512, 1024, 2048], width: width, leak: leak
        )
        contexts = try (1...3).map { try ContextModule(scope.scope("ssh\($0)"), width: width, leak: leak) }
        func heads(_ name: String, values: Int) throws -> [Conv2d] {
            try (0..<3).map {
                try Conv2d(
                    scope.scope("\(name).\($0).conv1x1"), inputs: width,
                    outputs: Self.anchorsPerPosition * values, kernel: 1)
            }
        }
        classHeads = try heads("ClassHead", values: 2)
        boxHeads = try heads("BboxHead", values: 4)
        landmarkHeads = try heads("LandmarkHead", values: 10)
        try scope.finish(ignoring: scope.batchCounters)
    }

    /// - Parameter image: red, green, blue in 0...255, [1, height, width, 3].
    /// - Throws: `CancellationError` if the image's workspace was cancelled.
    package func callAsFunction(_ image: Tensor) throws -> Output {
        let levels = try pyramid(features(of: Self.centered(image)))
        let features = try zip(contexts, levels).map { context, level in
            try level.workspace.checkCancellation()
            return context(level)
        }
        func answers(_ heads: [Conv2d], values: Int) -> Tensor {
            concatenated(
                zip(heads, features).map { head, feature in
                    let answer = head(feature)
                    return answer.reshaped([1, answer.count / values, values])
                }, axis: 1)
        }
        return Output(
            boxes: answers(boxHeads, values: 4), probabilities: softmax(answers(classHeads, values: 2)),
            landmarks: answers(landmarkHeads, values: 10))
    }

    private func features(of image: Tensor) throws -> [Tensor] {
        switch backbone {
        case .resNet50(let network): Array(try network(image).dropFirst())
        case .mobileNet(let network): try network(image)
        }
    }

    /// Blue, green, red, less their means over ImageNet.
    private static func centered(_ image: Tensor) -> Tensor {
        let means: [Float] = [104, 117, 123]
        return Tensor(shape: image.shape, in: image.workspace) { output in
            image.withUnsafeBuffer { input in
                for index in 0..<output.count {
                    let channel = index % 3
                    output[index] = input[index - channel + 2 - channel] - means[channel]
                }
            }
        }
    }
}

/// A normalized convolution with (leaky) ReLU behind it, under the names of a `Sequential`.
private struct ActivatedConvolution: Sendable {
    private let convolution: NormalizedConv2d
    private let slope: Tensor

    /// - Parameter leak: the slope below zero.
    init(_ scope: WeightScope, inputs: Int, outputs: Int, kernel: Int, leak: Float) throws {
        convolution = try NormalizedConv2d(
            scope.scope("0"), norm: scope.scope("1"), inputs: inputs, outputs: outputs, kernel: kernel,
            stride: 1)
        slope = Tensor([leak], shape: [1], in: scope.workspace)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { prelu(convolution(x), slopes: slope) }
}

/// Carries what the coarse levels know to the finer ones (Lin et al. 2017, arXiv:1612.03144).
private struct FeaturePyramid: Sendable {
    /// From each level to the common width, the finest first.
    private let laterals: [ActivatedConvolution]
    /// Of the finest and the middle level.
    private let merges: [ActivatedConvolution]

    init(_ scope: WeightScope, inputs: [Int], width: Int, leak: Float) throws {
        laterals = try inputs.enumerated().map { level, channels in
            try ActivatedConvolution(
                scope.scope("output\(level + 1)"), inputs: channels, outputs: width, kernel: 1, leak: leak)
        }
        merges = try (1...2).map {
            try ActivatedConvolution(
                scope.scope("merge\($0)"), inputs: width, outputs: width, kernel: 3, leak: leak)
        }
    }

    func callAsFunction(_ features: [Tensor]) throws -> [Tensor] {
        var levels = zip(laterals, features).map { $0($1) }
        for level in [1, 0] {
            try levels[level].workspace.checkCancellation()
            // A level has the double size of the next one, or one less.
            let enlarged = cropped(
                upsampleNearest2x(levels[level + 1]), x: 0, y: 0, height: levels[level].shape[1],
                width: levels[level].shape[2])
            levels[level] = merges[level](levels[level] + enlarged)
        }
        return levels
    }
}

/// Looks at each position with windows of 3, 5 and 7 pixels (Najibi et al.: "SSH", ICCV 2017, arXiv:1708.03979).
private struct ContextModule: Sendable {
    private let window3, window5, window7: NormalizedConv2d
    private let shared5, inner7: ActivatedConvolution

    init(_ scope: WeightScope, width: Int, leak: Float) throws {
        func bare(_ name: String, _ inputs: Int, _ outputs: Int) throws -> NormalizedConv2d {
            try NormalizedConv2d(
                scope.scope("\(name).0"), norm: scope.scope("\(name).1"), inputs: inputs, outputs: outputs,
                kernel: 3, stride: 1)
        }
        func activated(_ name: String, _ inputs: Int, _ outputs: Int) throws -> ActivatedConvolution {
            try ActivatedConvolution(
                scope.scope(name), inputs: inputs, outputs: outputs, kernel: 3, leak: leak)
        }
        window3 = try bare("conv3X3", width, width / 2)
        shared5 = try activated("conv5X5_1", width, width / 4)
        window5 = try bare("conv5X5_2", width / 4, width / 4)
        inner7 = try activated("conv7X7_2", width / 4, width / 4)
        window7 = try bare("conv7x7_3", width / 4, width / 4)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let shared = shared5(x)
        return relu(concatenated([window3(x), window5(shared), window7(inner7(shared))], axis: 3))
    }
}
