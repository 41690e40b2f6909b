import Tensors
import Weights

/// `MAX_POOL_2D` and `AVERAGE_POOL_2D`: the zeros of the padding count in neither.
struct TFLitePool: TFLiteLayer {
    enum Function: Sendable { case maximum, average }

    private let function: Function
    private let height, width, stride: Int
    private let padding: Padding
    private let activation: TFLiteOperation.Activation
    let outputShape: [Int]

    init(
        _ call: TFLiteCall, _ function: Function, _ window: TFLiteOperation.Window, height: Int, width: Int,
        _ activation: TFLiteOperation.Activation
    ) throws {
        let image = try call.imageShape()
        let placement = try TFLitePlacement(window, on: image, height: height, width: width, call)
        self.function = function
        (self.height, self.width, stride) = (height, width, window.stride)
        (padding, self.activation) = (placement.padding, activation)
        outputShape = [image[0], placement.height, placement.width, image[3]]
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        let image = operands[0]
        let pooled =
            switch function {
            case .maximum: maxPool2D(image, height: height, width: width, stride: stride, padding: padding)
            case .average:
                averagePool2D(image, height: height, width: width, stride: stride, padding: padding)
            }
        return activation(pooled)
    }
}

/// `MEAN` over the height and width of an image.
struct TFLiteMean: TFLiteLayer {
    private let height, width: Int
    let outputShape: [Int]

    init(_ call: TFLiteCall) throws {
        let image = try call.imageShape()
        let axes = try call.integers(1, "axes").map { $0 < 0 ? $0 + image.count : $0 }
        guard axes.sorted() == [1, 2] else {
            throw call.failure("its axes are \(axes), and only means over height and width are supported")
        }
        (height, width) = (image[1], image[2])
        let shapes = [[image[0], 1, 1, image[3]], [image[0], image[3]]]
        outputShape = shapes.first { $0 == call.outputShape } ?? shapes[0]
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        averagePool2D(operands[0], height: height, width: width, stride: 1, padding: .none)
            .reshaped(outputShape)
    }
}
