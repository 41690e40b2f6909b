/// What an operator of a TensorFlow Lite graph computes, with its options.
package enum TFLiteOperation: Sendable, Equatable {
    /// What is applied to an operator's result before it is stored.
    package enum Activation: Int, Sendable {
        case none = 0
        case relu = 1
        case relu6 = 3
    }

    /// How a window slides over an image.
    package struct Window: Sendable, Equatable {
        /// Whether the result has ⌈size / stride⌉ rows and columns, zeros being added around the image (`SAME`); if
        /// not, the window stays inside the image (`VALID`).
        package let isPadded: Bool
        /// The step between windows, the same in both directions.
        package let stride: Int

        package init(isPadded: Bool, stride: Int) {
            (self.isPadded, self.stride) = (isPadded, stride)
        }
    }

    case add(Activation)
    case averagePool(Window, height: Int, width: Int, Activation)
    case concatenation(axis: Int)
    case convolution(Window, Activation)
    case densify
    case depthToSpace(block: Int)
    case depthwiseConvolution(Window, Activation)
    case dequantize
    case hardSwish
    case logistic
    case maxPool(Window, height: Int, width: Int, Activation)
    case mean
    case multiply(Activation)
    case pad
    case prelu
    case relu
    case reshape
    case resizeBilinear(alignsCorners: Bool, hasHalfPixelCenters: Bool)
    /// MediaPipe's operator `Convolution2DTransposeBias`.
    case transposedConvolution(Window)
}

/// One entry of a file's list of operator kinds.
struct TFLiteOperatorCode: Sendable {
    /// The schema's number of the operator.
    let code: Int
    /// The schema's name, or the custom one.
    let name: String

    private static let customCode = 32

    init(_ table: FlatTable) throws {
        typealias Fields = TFLiteSchema.OperatorCode
        // Whichever of the two fields the writer knew holds the larger number; the other is 0 or 127.
        let short = Int(try table.number(Fields.shortCode, Int8.self, absent: 0))
        code = max(short, Int(try table.number(Fields.code, Int32.self, absent: 0)))
        name =
            code == Self.customCode
            ? try table.text(Fields.customName) : Self.names[code] ?? "number \(code)"
    }

    /// The schema's names of the operators that are computed here, and of the commonest others, for messages.
    private static let names = [
        0: "ADD", 1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D",
        5: "DEPTH_TO_SPACE", 6: "DEQUANTIZE", 9: "FULLY_CONNECTED", 11: "L2_NORMALIZATION", 14: "LOGISTIC",
        17: "MAX_POOL_2D", 18: "MUL", 19: "RELU", 21: "RELU6", 22: "RESHAPE", 23: "RESIZE_BILINEAR",
        25: "SOFTMAX", 26: "SPACE_TO_DEPTH", 28: "TANH", 34: "PAD", 36: "GATHER", 39: "TRANSPOSE", 40: "MEAN",
        41: "SUB", 42: "DIV", 43: "SQUEEZE", 45: "STRIDED_SLICE", 49: "SPLIT", 53: "CAST", 54: "PRELU",
        60: "PADV2", 65: "SLICE", 67: "TRANSPOSE_CONV", 74: "SUM", 77: "SHAPE", 83: "PACK",
        97:
            "RESIZE_NEAREST_NEIGHBOR", 98: "LEAKY_RELU", 114: "QUANTIZE", 117: "HARD_SWISH", 124: "DENSIFY",
        126: "BATCH_MATMUL",
    ]
}

/// The options of one operator as the file has them.
struct TFLiteOptions {
    /// The operator's position in the graph.
    let index: Int
    let name: String
    let table: FlatTable?
    let type: Int
    let customBytes: UnsafeRawBufferPointer

    func fault(_ reason: String) -> TFLiteFault { .operation(index: index, name: name, reason: reason) }

    func number(_ field: Int, _ what: String, absent: Int32) throws -> Int {
        Int(try table?.number(FlatField(field, what), Int32.self, absent: absent) ?? absent)
    }

    func byte(_ field: Int, _ what: String) throws -> Int {
        Int(try table?.number(FlatField(field, what), Int8.self, absent: 0) ?? 0)
    }

    func activation(_ field: Int) throws -> TFLiteOperation.Activation {
        let number = try byte(field, "activation")
        guard let activation = TFLiteOperation.Activation(rawValue: number) else {
            throw fault("its activation number \(number) is not known")
        }
        return activation
    }

    /// A number of pixels.
    func size(_ field: Int, _ what: String) throws -> Int {
        let number = try number(field, what, absent: 0)
        guard 1...4_096 ~= number else { throw fault("its \(what) is \(number)") }
        return number
    }

    /// Padding, then the stride in x and y, in the first three fields.
    func window() throws -> TFLiteOperation.Window {
        let padding = try byte(0, "padding")
        guard padding == 0 || padding == 1 else { throw fault("its padding number \(padding) is not known") }
        let (x, y) = (try size(1, "stride in x"), try size(2, "stride in y"))
        guard x == y else { throw fault("its strides \(y) and \(x) differ") }
        return .init(isPadded: padding == 0, stride: y)
    }

    /// Refuses windows with gaps.
    func requireDense(_ fields: Int...) throws {
        for field in fields {
            let dilation = try number(field, "dilation", absent: 1)
            guard dilation == 1 else { throw fault("its dilation is \(dilation), and only 1 is supported") }
        }
    }
}

extension TFLiteOperation {
    /// - Throws: ``TFLiteFault`` if the operator, or one of its options, is not among those that are computed here.
    init(_ code: TFLiteOperatorCode, _ options: TFLiteOptions) throws {
        if let type = Self.optionsTypes[code.code], options.table != nil, options.type != type {
            throw options.fault("its options have the type \(options.type) instead of \(type)")
        }
        switch code.code {
        case 0: self = .add(try options.activation(0))
        case 1:
            self = .averagePool(
                try options.window(), height: try options.size(4, "window's height"),
                width: try options.size(3, "window's width"), try options.activation(5))
        case 2:
            // The reference runtime ignores one.
            guard try options.activation(1) == .none else { throw options.fault("it has an activation") }
            self = .concatenation(axis: try options.number(0, "axis", absent: 0))
        case 3:
            try options.requireDense(4, 5)
            self = .convolution(try options.window(), try options.activation(3))
        case 4:
            try options.requireDense(5, 6)
            self = .depthwiseConvolution(try options.window(), try options.activation(4))
        case 5: self = .depthToSpace(block: try options.size(0, "block size"))
        case 6: self = .dequantize
        case 14: self = .logistic
        case 17:
            self = .maxPool(
                try options.window(), height: try options.size(4, "window's height"),
                width: try options.size(3, "window's width"), try options.activation(5))
        case 18: self = .multiply(try options.activation(0))
        case 19: self = .relu
        case 22: self = .reshape
        case 23:
            self = .resizeBilinear(
                alignsCorners: try options.byte(2, "alignment of corners") != 0,
                hasHalfPixelCenters: try options.byte(3, "half pixel centres") != 0)
        case 34: self = .pad
        case 40: self = .mean
        case 54: self = .prelu
        case 117: self = .hardSwish
        case 124: self = .densify
        case 32 where code.name == "Convolution2DTransposeBias":
            self = .transposedConvolution(try options.customWindow())
        default: throw TFLiteFault.unknownOperator(code.name)
        }
    }

    /// The schema's numbers of the tables of options, by operator.
    private static let optionsTypes = [
        0: 11, 1: 5, 2: 10, 3: 1, 4: 2, 5: 94, 17: 5, 18: 21, 23: 15,
    ]
}

extension TFLiteOptions {
    /// The options of `Convolution2DTransposeBias`: three 32-bit numbers, of which the first is 1 for `SAME` and 2 for
    /// `VALID` padding, followed by the stride in x and y.
    fileprivate func customWindow() throws -> TFLiteOperation.Window {
        guard let padding = customBytes.littleEndian(Int32.self, at: 0),
            let x = customBytes.littleEndian(Int32.self, at: 4),
            let y = customBytes.littleEndian(Int32.self, at: 8)
        else { throw fault("its options have only \(customBytes.count) bytes") }
        guard padding == 1 || padding == 2 else { throw fault("its padding number \(padding) is not known") }
        guard x == y, 1...64 ~= x else { throw fault("its strides are \(y) and \(x)") }
        return .init(isPadded: padding == 1, stride: Int(x))
    }
}
