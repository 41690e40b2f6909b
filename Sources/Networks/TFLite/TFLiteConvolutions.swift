import Tensors
import Weights

/// `CONV_2D`: image, weight [outputs, height, width, inputs], bias [outputs].
struct TFLiteConvolution: TFLiteLayer {
    private let weight: ConvolutionWeight
    private let bias: Tensor?
    private let stride: Int
    private let padding: Padding
    private let activation: TFLiteOperation.Activation
    let outputShape: [Int]

    /// The most numbers under one kernel position: bounds the memory for the patches of an image.
    private static let depthLimit = 1 << 17

    init(_ call: TFLiteCall, _ window: TFLiteOperation.Window, _ activation: TFLiteOperation.Activation)
        throws
    {
        let image = try call.imageShape()
        let weight = try call.constant(1, "weight")
        guard weight.rank == 4, weight.shape[3] == image[3],
            weight.count / weight.shape[0] <= Self.depthLimit
        else { throw call.failure("its weight \(weight.shape) does not apply to the image \(image)") }
        self.weight = ConvolutionWeight(channelsLast: weight)
        bias = try call.bias(outputs: weight.shape[0])
        let placement = try TFLitePlacement(
            window, on: image, height: weight.shape[1], width: weight.shape[2], call)
        (stride, padding) = (window.stride, placement.padding)
        self.activation = activation
        outputShape = [image[0], placement.height, placement.width, weight.shape[0]]
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        activation(convolution2D(operands[0], weight: weight, bias: bias, stride: stride, padding: padding))
    }
}

/// `DEPTHWISE_CONV_2D`: image, weight [1, height, width, channels], bias [channels].
struct TFLiteDepthwiseConvolution: TFLiteLayer {
    private let weight: Tensor
    private let bias: Tensor?
    private let stride: Int
    private let padding: Padding
    private let activation: TFLiteOperation.Activation
    let outputShape: [Int]

    init(_ call: TFLiteCall, _ window: TFLiteOperation.Window, _ activation: TFLiteOperation.Activation)
        throws
    {
        let image = try call.imageShape()
        let weight = try call.constant(1, "weight")
        guard weight.rank == 4, weight.shape[0] == 1, weight.shape[3] == image[3] else {
            throw call.failure("its weight \(weight.shape) does not apply to the image \(image)")
        }
        self.weight = weight.reshaped(Array(weight.shape.dropFirst()))
        bias = try call.bias(outputs: image[3])
        let placement = try TFLitePlacement(
            window, on: image, height: weight.shape[1], width: weight.shape[2], call)
        (stride, padding) = (window.stride, placement.padding)
        self.activation = activation
        outputShape = [image[0], placement.height, placement.width, image[3]]
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        activation(
            depthwiseConvolution2D(operands[0], weight: weight, bias: bias, stride: stride, padding: padding))
    }
}

/// `Convolution2DTransposeBias`: image, weight [outputs, height, width, inputs], bias [outputs].
///
/// Only with a kernel of the stride's size, whose positions neither overlap nor leave gaps: each pixel then becomes a
/// block of its own.
struct TFLiteTransposedConvolution: TFLiteLayer {
    private let weight: Tensor
    private let bias: Tensor?
    private let block: Int
    let outputShape: [Int]

    init(_ call: TFLiteCall, _ window: TFLiteOperation.Window) throws {
        let image = try call.imageShape()
        let weight = try call.constant(1, "weight")
        guard weight.rank == 4, weight.shape[3] == image[3] else {
            throw call.failure("its weight \(weight.shape) does not apply to the image \(image)")
        }
        let (outputs, block) = (weight.shape[0], window.stride)
        guard weight.shape[1] == block, weight.shape[2] == block else {
            throw call.failure(
                "its kernel of \(weight.shape[1]) x \(weight.shape[2]) has not the stride's size \(block)")
        }
        // One row for each output of each pixel of the block.
        self.weight = weight.transposed([1, 2, 0, 3]).reshaped([block * block * outputs, image[3]])
        bias = try call.bias(outputs: outputs).map { bias in
            concatenated(Array(repeating: bias, count: block * block), axis: 0)
        }
        self.block = block
        outputShape = [image[0], image[1] * block, image[2] * block, outputs]
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        depthToSpace(linear(operands[0], weight: weight, bias: bias), block: block)
    }
}

/// Channels spread over blocks of pixels: channel (row × block + column) × outputs + c becomes channel c of the block's
/// pixel (row, column).
///
/// - Parameter x: [batch, height, width, block² × outputs]
/// - Returns: [batch, height × block, width × block, outputs]
func depthToSpace(_ x: Tensor, block: Int) -> Tensor {
    let (batch, height, width, outputs) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3] / (block * block))
    return x.reshaped([batch, height, width, block, block, outputs])
        .transposed([0, 1, 3, 2, 4, 5])
        .reshaped([batch, height * block, width * block, outputs])
}
