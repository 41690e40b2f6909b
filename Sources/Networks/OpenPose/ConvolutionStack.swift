import Tensors
import Weights

/// Convolutions with zero padding that keeps the size, and poolings between them, one after the other.
struct ConvolutionStack: Sendable {
    /// One layer, as a network's table says it.
    enum Layer {
        /// A square convolution, then ReLU.
        case rectified(String, inputs: Int, outputs: Int, kernel: Int)
        /// A square convolution.
        case convolution(String, inputs: Int, outputs: Int, kernel: Int)
        /// The maximum of 2 x 2 pixels; odd last rows and columns are dropped.
        case pool
    }

    private enum Step: Sendable {
        case convolution(Conv2d, isRectified: Bool)
        case pool
    }

    private let steps: [Step]

    /// - Throws: `WeightsError` if a tensor is missing or of the wrong shape.
    init(_ scope: WeightScope, _ layers: [Layer]) throws {
        func convolution(_ name: String, _ inputs: Int, _ outputs: Int, _ kernel: Int) throws -> Conv2d {
            try Conv2d(
                scope.scope(name), inputs: inputs, outputs: outputs, kernel: kernel, stride: 1,
                padding: Padding(kernel / 2))
        }
        steps = try layers.map { layer in
            switch layer {
            case .rectified(let name, let inputs, let outputs, let kernel):
                .convolution(try convolution(name, inputs, outputs, kernel), isRectified: true)
            case .convolution(let name, let inputs, let outputs, let kernel):
                .convolution(try convolution(name, inputs, outputs, kernel), isRectified: false)
            case .pool:
                .pool
            }
        }
    }

    /// - Parameter x: [batch, height, width, channels of the first layer].
    /// - Returns: the same without what poolings take away.
    /// - Throws: `CancellationError` if the workspace of `x` was cancelled.
    func callAsFunction(_ x: Tensor) throws -> Tensor {
        var x = x
        for step in steps {
            try x.workspace.checkCancellation()
            switch step {
            case .convolution(let convolution, let isRectified):
                let y = convolution(x)
                x = isRectified ? relu(y) : y
            case .pool:
                x = maxPool2D(x, size: 2, stride: 2, roundingUp: false)
            }
        }
        return x
    }
}

extension ConvolutionStack.Layer {
    /// The first ten layers of VGG-19 (arXiv:1409.1556), with which all networks of OpenPose begin.
    static let vgg: [Self] = [
        .rectified("conv1_1", inputs: 3, outputs: 64, kernel: 3),
        .rectified("conv1_2", inputs: 64, outputs: 64, kernel: 3),
        .pool,
        .rectified("conv2_1", inputs: 64, outputs: 128, kernel: 3),
        .rectified("conv2_2", inputs: 128, outputs: 128, kernel: 3),
        .pool,
        .rectified("conv3_1", inputs: 128, outputs: 256, kernel: 3),
        .rectified("conv3_2", inputs: 256, outputs: 256, kernel: 3),
        .rectified("conv3_3", inputs: 256, outputs: 256, kernel: 3),
        .rectified("conv3_4", inputs: 256, outputs: 256, kernel: 3),
        .pool,
        .rectified("conv4_1", inputs: 256, outputs: 512, kernel: 3),
        .rectified("conv4_2", inputs: 512, outputs: 512, kernel: 3),
    ]

    /// A stage that looks at the maps of the stage before it and at the features of the picture once more.
    ///
    /// - Parameter suffix: what ends its layers' names: `stage2`, or `stage2_L1` where a stage has two branches.
    static func refinement(_ suffix: String, inputs: Int, outputs: Int, isRectified: Bool) -> [Self] {
        let first: [Self] = [.rectified("Mconv1_\(suffix)", inputs: inputs, outputs: 128, kernel: 7)]
        let wide: [Self] = (2...5).map {
            .rectified("Mconv\($0)_\(suffix)", inputs: 128, outputs: 128, kernel: 7)
        }
        let pointwise: Self = .rectified("Mconv6_\(suffix)", inputs: 128, outputs: 128, kernel: 1)
        let last: Self =
            isRectified
            ? .rectified("Mconv7_\(suffix)", inputs: 128, outputs: outputs, kernel: 1)
            : .convolution("Mconv7_\(suffix)", inputs: 128, outputs: outputs, kernel: 1)
        return first + wide + [pointwise, last]
    }
}

extension WeightScope {
    /// A module of a network by its attribute's name.
    ///
    /// The published files leave these names out, files saved from the network itself have them.
    func module(_ name: String) -> WeightScope {
        contains(name) ? scope(name) : self
    }
}
