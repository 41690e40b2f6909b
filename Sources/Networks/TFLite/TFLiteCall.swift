import Tensors
import Weights

/// An operator in its graph, from which a layer builds itself.
struct TFLiteCall {
    let definition: TFLiteOperator
    let file: TFLiteFile
    /// Reads the constant of a tensor; `nil` if the tensor is computed.
    let readConstant: (_ tensor: Int) throws -> Tensor?

    /// The shape that the file declares for the result.
    var outputShape: [Int] { definition.outputs.first.map { file.tensors[$0].shape } ?? [] }

    /// What to throw when this operator cannot be computed; `reason` is a clause.
    func failure(_ reason: String) -> WeightsError {
        .tflite(
            file: file.origin, .operation(index: definition.index, name: definition.name, reason: reason))
    }

    /// The tensor of an input.
    func input(_ position: Int, _ name: String) throws -> Int {
        guard position < definition.inputs.count, let index = definition.inputs[position] else {
            throw failure("its \(name) is missing")
        }
        return index
    }

    /// The shape of an input.
    func shape(_ position: Int) throws -> [Int] { file.tensors[try input(position, "input")].shape }

    /// The shape of an input [batch, height, width, channels].
    func imageShape() throws -> [Int] {
        let shape = try shape(0)
        guard shape.count == 4 else { throw failure("its input of shape \(shape) is no image") }
        return shape
    }

    /// A parameter.
    func constant(_ position: Int, _ name: String) throws -> Tensor {
        guard let constant = try readConstant(input(position, name)) else {
            throw failure("its \(name) is not a constant")
        }
        return constant
    }

    /// The third input of a convolution: one number for each of its outputs, or none.
    func bias(outputs: Int) throws -> Tensor? {
        guard definition.inputs.count > 2, definition.inputs[2] != nil else { return nil }
        let bias = try constant(2, "bias")
        guard bias.shape == [outputs] else { throw failure("its bias has the shape \(bias.shape)") }
        return bias
    }

    /// A parameter of whole numbers.
    func integers(_ position: Int, _ name: String) throws -> [Int] {
        guard let integers = file.integers(try input(position, name)) else {
            throw failure("its \(name) is not a short constant of whole numbers")
        }
        return integers
    }
}

/// Where the windows of a convolution or pooling lie on an image, as TensorFlow Lite places them.
struct TFLitePlacement {
    let padding: Padding
    let height: Int
    let width: Int

    /// - Parameters:
    ///   - image: [batch, height, width, channels]
    ///   - height: of the window
    ///   - width: of the window
    init(_ window: TFLiteOperation.Window, on image: [Int], height: Int, width: Int, _ call: TFLiteCall)
        throws
    {
        let rows = Self.axis(window, size: image[1], window: height)
        let columns = Self.axis(window, size: image[2], window: width)
        guard rows.count >= 1, columns.count >= 1 else {
            throw call.failure("its window of \(height) x \(width) is larger than the image \(image)")
        }
        padding = Padding(top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
        (self.height, self.width) = (rows.count, columns.count)
    }

    /// With padding there is a window for every step that begins inside, and the zeros that these need are shared out
    /// between both ends, the odd one at the far end.
    private static func axis(_ placement: TFLiteOperation.Window, size: Int, window: Int) -> (
        count: Int, before: Int, after: Int
    ) {
        let stride = placement.stride
        guard placement.isPadded else {
            return (size < window ? 0 : (size - window) / stride + 1, 0, 0)
        }
        let count = (size + stride - 1) / stride
        let padding = max(0, (count - 1) * stride + window - size)
        return (count, padding / 2, padding - padding / 2)
    }
}
