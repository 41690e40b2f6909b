import Tensors
import Weights

/// `PAD`: zeros around a tensor, as the parameter [axes, 2] counts them.
struct TFLitePad: TFLiteLayer {
    private let before: [Int]
    private let after: [Int]
    let outputShape: [Int]

    private static let limit = 4_096

    init(_ call: TFLiteCall) throws {
        let shape = try call.shape(0)
        let counts = try call.integers(1, "padding")
        guard counts.count == 2 * shape.count, counts.allSatisfy({ 0...Self.limit ~= $0 }) else {
            throw call.failure("its padding \(counts) does not apply to \(shape)")
        }
        let before = shape.indices.map { counts[2 * $0] }
        let after = shape.indices.map { counts[2 * $0 + 1] }
        outputShape = shape.indices.map { before[$0] + shape[$0] + after[$0] }
        (self.before, self.after) = (before, after)
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        zeroPadded(operands[0], before: before, after: after)
    }
}

/// `RESHAPE`, to the shape that the file declares for the result.
struct TFLiteReshape: TFLiteLayer {
    let outputShape: [Int]

    init(_ call: TFLiteCall) throws {
        let shape = try call.shape(0)
        outputShape = call.outputShape
        guard shape.reduce(1, *) == outputShape.reduce(1, *) else {
            throw call.failure("\(shape) cannot become \(outputShape)")
        }
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor { operands[0].reshaped(outputShape) }
}

/// `DEPTH_TO_SPACE`.
struct TFLiteDepthToSpace: TFLiteLayer {
    private let block: Int
    let outputShape: [Int]

    init(_ call: TFLiteCall, block: Int) throws {
        let image = try call.imageShape()
        guard image[3] % (block * block) == 0 else {
            throw call.failure("its \(image[3]) channels do not form blocks of \(block) x \(block)")
        }
        self.block = block
        outputShape = [image[0], image[1] * block, image[2] * block, image[3] / (block * block)]
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor { depthToSpace(operands[0], block: block) }
}

/// `CONCATENATION` of all inputs.
struct TFLiteConcatenation: TFLiteLayer {
    private let axis: Int
    let operandCount: Int
    let outputShape: [Int]

    init(_ call: TFLiteCall, axis: Int) throws {
        let shapes = try call.definition.inputs.indices.map { try call.shape($0) }
        guard var joined = shapes.first else { throw call.failure("it has no inputs") }
        let axis = axis < 0 ? axis + joined.count : axis
        guard joined.indices.contains(axis) else { throw call.failure("\(joined) has no axis \(axis)") }
        for shape in shapes.dropFirst() {
            var aligned = shape
            guard shape.count == joined.count else { throw call.failure("its inputs \(shapes) do not fit") }
            aligned[axis] = joined[axis]
            guard aligned == joined else { throw call.failure("its inputs \(shapes) do not fit") }
            joined[axis] += shape[axis]
        }
        self.axis = axis
        operandCount = shapes.count
        outputShape = joined
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor { concatenated(operands, axis: axis) }
}

/// `RESIZE_BILINEAR` to the size [height, width] of its parameter.
struct TFLiteBilinearResize: TFLiteLayer {
    private let alignment: PixelAlignment
    let outputShape: [Int]

    private static let limit = 8_192

    init(_ call: TFLiteCall, alignsCorners: Bool, hasHalfPixelCenters: Bool) throws {
        let image = try call.imageShape()
        let size = try call.integers(1, "size")
        guard size.count == 2, size.allSatisfy({ 1...Self.limit ~= $0 }) else {
            throw call.failure("its size is \(size)")
        }
        switch (alignsCorners, hasHalfPixelCenters) {
        case (true, true): throw call.failure("its corners and its half pixel centres cannot both be aligned")
        case (true, false): alignment = .corners
        case (false, true): alignment = .halfPixelCenters
        case (false, false): alignment = .firstPixel
        }
        outputShape = [image[0], size[0], size[1], image[3]]
    }

    func callAsFunction(_ operands: [Tensor]) -> Tensor {
        resizedBilinearly(operands[0], height: outputShape[1], width: outputShape[2], alignment: alignment)
    }
}
