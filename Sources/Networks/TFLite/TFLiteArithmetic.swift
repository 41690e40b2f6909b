import Tensors
import Weights

/// `ADD` and `MUL` of two tensors, of which one may repeat along axes of length 1.
struct TFLiteCombination: TFLiteLayer {
    enum Function: Sendable { case sum, product }

    private let function: Function
    private let pair: TFLitePair
    private let activation: TFLiteOperation.Activation

    init(_ call: TFLiteCall, _ function: Function, _ activation: TFLiteOperation.Activation) throws {
        pair = try TFLitePair(call)
        (self.function, self.activation) = (function, activation)
    }

    var operandCount: Int { 2 }
    var outputShape: [Int] { pair.outputShape }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        let (large, small) = pair.ordered(operands)
        return switch function {
        case .sum: activation(large + small)
        case .product: activation(large * small)
        }
    }
}

/// Two operands that commute: the one that may repeat comes second.
private struct TFLitePair {
    let outputShape: [Int]
    private let isSwapped: Bool

    init(_ call: TFLiteCall) throws {
        let (left, right) = (try call.shape(0), try call.shape(1))
        if Self.repeats(right, along: left) {
            (outputShape, isSwapped) = (left, false)
        } else if Self.repeats(left, along: right) {
            (outputShape, isSwapped) = (right, true)
        } else {
            throw call.failure("its inputs \(left) and \(right) do not fit each other")
        }
    }

    func ordered(_ operands: [Tensor]) -> (large: Tensor, small: Tensor) {
        isSwapped ? (operands[1], operands[0]) : (operands[0], operands[1])
    }

    /// The rule of `Tensor`'s operators: aligned at the last axis, equal axes, then axes of length 1, then equal axes.
    private static func repeats(_ small: [Int], along large: [Int]) -> Bool {
        guard small.count <= large.count else { return false }
        let padded = Array(repeating: 1, count: large.count - small.count) + small
        var axis = 0
        while axis < large.count, padded[axis] == large[axis] { axis += 1 }
        while axis < large.count, padded[axis] == 1 { axis += 1 }
        return padded[axis...] == large[axis...]
    }
}

/// `PRELU` with one slope a channel.
struct TFLitePReLU: TFLiteLayer {
    private let slopes: Tensor
    let outputShape: [Int]

    init(_ call: TFLiteCall) throws {
        outputShape = try call.shape(0)
        let slopes = try call.constant(1, "slopes")
        guard let channels = outputShape.last, slopes.shape.last == channels, slopes.count == channels else {
            throw call.failure("its slopes \(slopes.shape) do not apply to \(outputShape)")
        }
        self.slopes = slopes.reshaped([channels])
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor { prelu(operands[0], slopes: slopes) }
}

/// `RELU`, `LOGISTIC` and `HARD_SWISH`.
struct TFLiteElementwise: TFLiteLayer {
    enum Function: Sendable { case relu, logistic, hardSwish }

    private let function: Function
    let outputShape: [Int]

    init(_ call: TFLiteCall, _ function: Function) throws {
        self.function = function
        outputShape = try call.shape(0)
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        switch function {
        case .relu: relu(operands[0])
        case .logistic: sigmoid(operands[0])
        case .hardSwish: hardSwish(operands[0])
        }
    }
}

/// `DEQUANTIZE` and `DENSIFY`: constants are widened and filled when they are read, so nothing is left to do.
struct TFLiteWidening: TFLiteLayer {
    let outputShape: [Int]

    init(_ call: TFLiteCall) throws {
        outputShape = try call.constant(0, "input").shape
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor { operands[0] }
}
