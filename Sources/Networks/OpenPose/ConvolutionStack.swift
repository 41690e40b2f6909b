import Tensors
import Weights

/// Convolutions with zero padding that keeps the size, and poolings between them, one after the other.
///
/// How wide the layers in between are, the weights say: the published networks and narrower ones are read alike.
struct ConvolutionStack: Sendable {
    /// One layer, as a network's table says it.
    enum Layer {
        /// A square convolution, then ReLU.
        case rectified(String, kernel: Int)
        /// The convolution of single pixels that gives a network's maps.
        case maps(String, count: Int, isRectified: Bool)
        /// The maximum of 2 x 2 pixels; odd last rows and columns are dropped.
        case pool
    }

    private enum Step: Sendable {
        case convolution(Conv2d, isRectified: Bool)
        case pool
    }

    private let steps: [Step]
    /// Channels of the result.
    let outputs: Int

    /// - Parameter inputs: channels of the first layer.
    /// - Throws: `WeightsError` if a tensor is missing or of the wrong shape.
    init(_ scope: WeightScope, inputs: Int, _ layers: [Layer]) throws {
        var (channels, steps) = (inputs, [Step]())
        func add(_ name: String, outputs: Int, kernel: Int, isRectified: Bool) throws {
            let convolution = try Conv2d(
                scope.scope(name), inputs: channels, outputs: outputs, kernel: kernel, stride: 1,
                padding: Padding(kernel / 2))
            steps.append(.convolution(convolution, isRectified: isRectified))
            channels = outputs
        }
        for layer in layers {
            switch layer {
            case .rectified(let name, let kernel):
                let width = scope.shape(of: "\(name).weight")?.first ?? 1
                try add(name, outputs: max(width, 1), kernel: kernel, isRectified: true)
            case .maps(let name, let count, let isRectified):
                try add(name, outputs: count, kernel: 1, isRectified: isRectified)
            case .pool:
                steps.append(.pool)
            }
        }
        self.steps = steps
        outputs = channels
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

extension [ConvolutionStack.Layer] {
    /// The first ten layers of VGG-19 (arXiv:1409.1556), with which all networks of OpenPose begin.
    static let vgg: Self =
        threes(["conv1_1", "conv1_2"]) + [.pool] + threes(["conv2_1", "conv2_2"]) + [.pool]
        + threes(["conv3_1", "conv3_2", "conv3_3", "conv3_4"]) + [.pool] + threes(["conv4_1", "conv4_2"])

    /// Rectified convolutions of 3 x 3 pixels.
    static func threes(_ names: [String]) -> Self { names.map { .rectified($0, kernel: 3) } }

    /// A stage that looks at the maps of the stage before it and at the features of the picture once more.
    ///
    /// - Parameter suffix: what ends its layers' names: `stage2`, or `stage2_L1` where a stage has two branches.
    static func refinement(_ suffix: String, count: Int, isRectified: Bool) -> Self {
        (1...5).map { .rectified("Mconv\($0)_\(suffix)", kernel: 7) } + [
            .rectified("Mconv6_\(suffix)", kernel: 1),
            .maps("Mconv7_\(suffix)", count: count, isRectified: isRectified),
        ]
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
