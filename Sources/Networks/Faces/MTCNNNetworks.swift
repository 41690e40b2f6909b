import Tensors
import Weights

/// Pixels from 0 to 255 in the range that MTCNN's networks were trained on: (x - 127.5) / 128.
package func normalized(_ pixels: consuming Tensor) -> Tensor {
    pixels.affine(scale: 1 / 128, offset: -127.5 / 128)
}

/// Convolution without padding, stride 1, then PReLU with a slope for each channel.
private struct RectifiedConvolution: Sendable {
    private let convolution: Conv2d
    private let slopes: Tensor

    /// - Parameter index: which convolution of its network, as checkpoint names count: `conv1`, `prelu1`.
    init(_ scope: WeightScope, _ index: Int, inputs: Int, outputs: Int, kernel: Int) throws {
        convolution = try Conv2d(
            scope.scope("conv\(index)"), inputs: inputs, outputs: outputs, kernel: kernel)
        slopes = try scope.tensor("prelu\(index).weight", [outputs])
    }

    func callAsFunction(_ x: Tensor) -> Tensor { prelu(convolution(x), slopes: slopes) }
}

/// A dense layer with PReLU on a flattened feature map.
private struct RectifiedDense: Sendable {
    private let dense: Linear
    private let slopes: Tensor

    init(_ scope: WeightScope, _ index: Int, inputs: Int, outputs: Int) throws {
        dense = try Linear(scope.scope("dense\(index)"), inputs: inputs, outputs: outputs)
        slopes = try scope.tensor("prelu\(index).weight", [outputs])
    }

    /// - Parameter x: [n, height, width, channels].
    func callAsFunction(_ x: Tensor) -> Tensor {
        // The weights came from a program that stores columns first: width is the outermost axis.
        let columnMajor = x.transposed([0, 2, 1, 3])
        return prelu(dense(columnMajor.reshaped([x.shape[0], x.count / x.shape[0]])), slopes: slopes)
    }
}

/// The second channel of a softmax over (no face, face): [..., 2] -> [...].
private func faceProbability(_ logits: Tensor) -> Tensor {
    let probabilities = softmax(logits)
    return Tensor(shape: Array(logits.shape.dropLast()), in: logits.workspace) { output in
        probabilities.withUnsafeBuffer { input in
            for index in 0..<output.count { output[index] = input[2 * index + 1] }
        }
    }
}

/// MTCNN's first network (P-Net): fully convolutional, one judgement for each 12 x 12 window, every 2 pixels.
package struct ProposalNetwork: Sendable {
    private let convolution1: RectifiedConvolution
    private let convolution2: RectifiedConvolution
    private let convolution3: RectifiedConvolution
    private let classifier: Conv2d
    private let regressor: Conv2d

    package init(_ scope: WeightScope) throws {
        convolution1 = try RectifiedConvolution(scope, 1, inputs: 3, outputs: 10, kernel: 3)
        convolution2 = try RectifiedConvolution(scope, 2, inputs: 10, outputs: 16, kernel: 3)
        convolution3 = try RectifiedConvolution(scope, 3, inputs: 16, outputs: 32, kernel: 3)
        classifier = try Conv2d(scope.scope("conv4_1"), inputs: 32, outputs: 2, kernel: 1)
        regressor = try Conv2d(scope.scope("conv4_2"), inputs: 32, outputs: 4, kernel: 1)
        try scope.finish(ignoring: [])
    }

    /// - Parameter image: normalized [1, height, width, 3], at least 12 x 12.
    /// - Returns: probabilities [1, rows, columns] and box offsets [1, rows, columns, 4].
    package func callAsFunction(_ image: Tensor) -> (faceProbability: Tensor, offsets: Tensor) {
        var x = maxPool2D(convolution1(image), size: 2, stride: 2, roundingUp: true)
        x = convolution3(convolution2(x))
        return (Networks.faceProbability(classifier(x)), regressor(x))
    }
}

/// MTCNN's second network (R-Net): judges patches of 24 x 24 pixels.
package struct RefinementNetwork: Sendable {
    private let convolution1: RectifiedConvolution
    private let convolution2: RectifiedConvolution
    private let convolution3: RectifiedConvolution
    private let dense4: RectifiedDense
    private let classifier: Linear
    private let regressor: Linear

    package init(_ scope: WeightScope) throws {
        convolution1 = try RectifiedConvolution(scope, 1, inputs: 3, outputs: 28, kernel: 3)
        convolution2 = try RectifiedConvolution(scope, 2, inputs: 28, outputs: 48, kernel: 3)
        convolution3 = try RectifiedConvolution(scope, 3, inputs: 48, outputs: 64, kernel: 2)
        dense4 = try RectifiedDense(scope, 4, inputs: 3 * 3 * 64, outputs: 128)
        classifier = try Linear(scope.scope("dense5_1"), inputs: 128, outputs: 2)
        regressor = try Linear(scope.scope("dense5_2"), inputs: 128, outputs: 4)
        try scope.finish(ignoring: [])
    }

    /// - Parameter patches: normalized [n, 24, 24, 3].
    /// - Returns: probabilities [n] and box offsets [n, 4].
    package func callAsFunction(_ patches: Tensor) -> (faceProbability: Tensor, offsets: Tensor) {
        var x = maxPool2D(convolution1(patches), size: 3, stride: 2, roundingUp: true)
        x = maxPool2D(convolution2(x), size: 3, stride: 2, roundingUp: true)
        x = dense4(convolution3(x))
        return (Networks.faceProbability(classifier(x)), regressor(x))
    }
}

/// MTCNN's third network (O-Net): judges patches of 48 x 48 pixels and finds five landmarks in them.
package struct OutputNetwork: Sendable {
    private let convolution1: RectifiedConvolution
    private let convolution2: RectifiedConvolution
    private let convolution3: RectifiedConvolution
    private let convolution4: RectifiedConvolution
    private let dense5: RectifiedDense
    private let classifier: Linear
    private let regressor: Linear
    private let landmarkRegressor: Linear

    package init(_ scope: WeightScope) throws {
        convolution1 = try RectifiedConvolution(scope, 1, inputs: 3, outputs: 32, kernel: 3)
        convolution2 = try RectifiedConvolution(scope, 2, inputs: 32, outputs: 64, kernel: 3)
        convolution3 = try RectifiedConvolution(scope, 3, inputs: 64, outputs: 64, kernel: 3)
        convolution4 = try RectifiedConvolution(scope, 4, inputs: 64, outputs: 128, kernel: 2)
        dense5 = try RectifiedDense(scope, 5, inputs: 3 * 3 * 128, outputs: 256)
        classifier = try Linear(scope.scope("dense6_1"), inputs: 256, outputs: 2)
        regressor = try Linear(scope.scope("dense6_2"), inputs: 256, outputs: 4)
        landmarkRegressor = try Linear(scope.scope("dense6_3"), inputs: 256, outputs: 10)
        try scope.finish(ignoring: [])
    }

    /// - Parameter patches: normalized [n, 48, 48, 3].
    /// - Returns: probabilities [n], box offsets [n, 4] and landmarks [n, 10] (five x, five y, in parts of the box).
    package func callAsFunction(_ patches: Tensor) -> (
        faceProbability: Tensor, offsets: Tensor, landmarks: Tensor
    ) {
        var x = maxPool2D(convolution1(patches), size: 3, stride: 2, roundingUp: true)
        x = maxPool2D(convolution2(x), size: 3, stride: 2, roundingUp: true)
        x = maxPool2D(convolution3(x), size: 2, stride: 2, roundingUp: true)
        x = dense5(convolution4(x))
        return (Networks.faceProbability(classifier(x)), regressor(x), landmarkRegressor(x))
    }
}
