import Tensors
import Weights

/// A convolution without bias and the batch normalization behind it (Ioffe & Szegedy 2015, arXiv:1502.03167), folded
/// into one convolution.
struct NormalizedConv2d: Sendable {
    private let weight: ConvolutionWeight
    private let bias: Tensor
    private let stride: Int
    private let padding: Padding

    /// A square convolution with zero padding that keeps the size where the stride is 1.
    ///
    /// - Parameters:
    ///   - convolution: holds `weight` [outputs, inputs, kernel, kernel].
    ///   - norm: holds `weight`, `bias`, `running_mean` and `running_var`, all [outputs].
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    init(
        _ convolution: WeightScope, norm: WeightScope, inputs: Int, outputs: Int, kernel: Int, stride: Int
    ) throws {
        let norm = try FixedNormalization(norm, channels: outputs)
        let kernels = try convolution.tensor("weight", [outputs, inputs, kernel, kernel])
        weight = ConvolutionWeight(kernels * norm.scale.reshaped([outputs, 1, 1, 1]))
        bias = norm.shift
        self.stride = stride
        padding = Padding(kernel / 2)
    }

    /// - Parameter x: [batch, height, width, inputs].
    /// - Returns: [batch, height', width', outputs].
    func callAsFunction(_ x: Tensor) -> Tensor {
        convolution2D(x, weight: weight, bias: bias, stride: stride, padding: padding)
    }
}

/// A 3 x 3 convolution of each channel alone and the batch normalization behind it, folded into one.
struct NormalizedDepthwiseConv2d: Sendable {
    /// [3, 3, channels].
    private let weight: Tensor
    private let bias: Tensor
    private let stride: Int

    /// With zero padding that keeps the size where the stride is 1.
    ///
    /// - Parameters:
    ///   - convolution: holds `weight` [channels, 1, 3, 3].
    ///   - norm: holds `weight`, `bias`, `running_mean` and `running_var`, all [channels].
    /// - Throws: `WeightsError` if a tensor is missing or has another shape.
    init(_ convolution: WeightScope, norm: WeightScope, channels: Int, stride: Int) throws {
        let norm = try FixedNormalization(norm, channels: channels)
        let kernels = try convolution.tensor("weight", [channels, 1, 3, 3])
        weight = kernels.reshaped([channels, 3, 3]).transposed([1, 2, 0]) * norm.scale
        bias = norm.shift
        self.stride = stride
    }

    /// - Parameter x: [batch, height, width, channels].
    /// - Returns: [batch, height', width', channels].
    func callAsFunction(_ x: Tensor) -> Tensor {
        depthwiseConvolution2D(x, weight: weight, bias: bias, stride: stride, padding: Padding(1))
    }
}

/// Batch normalization with the statistics of training: scale x + shift for each channel.
private struct FixedNormalization {
    /// PyTorch's default for `BatchNorm2d`, in all networks that use these layers.
    private static let epsilon: Float = 1e-5

    let scale: Tensor
    let shift: Tensor

    init(_ scope: WeightScope, channels: Int) throws {
        let weight = try scope.tensor("weight", [channels]).values
        let bias = try scope.tensor("bias", [channels]).values
        let mean = try scope.tensor("running_mean", [channels]).values
        let variance = try scope.tensor("running_var", [channels]).values
        let factors = zip(weight, variance).map { $0 / ($1 + Self.epsilon).squareRoot() }
        scale = Tensor(factors, shape: [channels], in: scope.workspace)
        shift = Tensor(
            (0..<channels).map { bias[$0] - mean[$0] * factors[$0] }, shape: [channels], in: scope.workspace)
    }
}

extension WeightScope {
    /// How many batches each normalization has seen in training, which nothing needs afterwards.
    var batchCounters: Set<String> {
        Set(names.filter { $0.hasSuffix("num_batches_tracked") })
    }

    /// What stands below `module.`, if `name` does: checkpoints written from PyTorch's data-parallel wrapper.
    func withoutDataParallelPrefix(of name: String) -> WeightScope {
        contains("module.\(name)") ? scope("module") : self
    }
}
