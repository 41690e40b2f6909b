import Tensors

/// A tensor of a TensorFlow Lite graph: a constant of the file, or the place of a value that is computed.
package struct TFLiteTensor: Sendable {
    /// How the elements are stored.
    package enum Element: Int, Sendable {
        case float32 = 0
        case float16 = 1
        case int32 = 2

        var stored: ElementType {
            switch self {
            case .float32: .float32
            case .float16: .float16
            case .int32: .int32
            }
        }
    }

    package let name: String
    /// Each extent is at least 1.
    package let shape: [Int]
    package let element: Element
    /// Where a constant's bytes lie in the file; `nil` for a value that is computed.
    let data: Range<Int>?
    /// How a sparse constant's elements are spread; read when the constant is.
    let sparsity: FlatTable?

    /// Whether the file holds the tensor's elements.
    package var isConstant: Bool { data != nil }
}

/// An operator of a TensorFlow Lite graph.
package struct TFLiteOperator: Sendable {
    /// Its position in the graph.
    package let index: Int
    /// The schema's name, such as `CONV_2D`.
    package let name: String
    package let operation: TFLiteOperation
    /// Indices of tensors; `nil` where an optional input is left out.
    package let inputs: [Int?]
    package let outputs: [Int]
}

/// A file of one TensorFlow Lite graph of 16- or 32-bit floats, mapped into memory.
package struct TFLiteFile: Sendable {
    private let file: MappedFile
    package let tensors: [TFLiteTensor]
    /// In the order in which they are to be computed.
    package let operators: [TFLiteOperator]
    /// Indices of the tensors that the caller gives.
    package let inputs: [Int]
    /// Indices of the tensors that the caller wants.
    package let outputs: [Int]

    /// The most elements that one tensor, computed or constant, may have: a quarter of a gigabyte.
    package static let elementLimit = 1 << 26
    /// More tensors or operators than any model of this kind has.
    private static let listLimit = 20_000
    /// More inputs of one operator, or of the graph, than any model of this kind has.
    fileprivate static let operandLimit = 64

    /// Reads the graph, and checks that all its parts lie inside the file; no constant is read yet.
    ///
    /// - Throws: ``WeightsError``.
    package init(path: String) throws {
        let file = try MappedFile(path: path)
        do {
            try self.init(file)
        } catch let fault as TFLiteFault {
            throw WeightsError.tflite(file: path, fault)
        }
    }

    /// The file's path.
    package var origin: String { file.path }

    private init(_ file: MappedFile) throws {
        let bytes = file.bytes
        guard bytes.count >= 8 else { throw TFLiteFault.tooShort(byteCount: bytes.count) }
        guard bytes.starts(with: TFLiteSchema.identifier, at: 4) else { throw TFLiteFault.wrongIdentifier }
        let model = try FlatTable.root(of: file)
        let graphs = try model.tables(TFLiteSchema.Model.graphs, limit: Self.listLimit)
        guard let graph = graphs.first else { throw TFLiteFault.missing(part: "graph") }
        guard graphs.count == 1 else { throw TFLiteFault.severalGraphs(count: graphs.count) }
        let buffers = try model.tables(TFLiteSchema.Model.buffers, limit: Self.listLimit).map {
            try $0.bytes(TFLiteSchema.Buffer.data)
        }
        let codes = try model.tables(TFLiteSchema.Model.operatorCodes, limit: Self.listLimit).map(
            TFLiteOperatorCode.init)
        self.file = file
        tensors = try graph.tables(TFLiteSchema.Graph.tensors, limit: Self.listLimit).map {
            try TFLiteTensor($0, buffers: buffers)
        }
        let count = tensors.count
        func indices(_ field: FlatField) throws -> [Int] {
            let indices = try graph.numbers(field, Int32.self, limit: Self.operandLimit) ?? []
            for index in indices { try checkIndex(index, of: "tensor", in: count) }
            return indices
        }
        inputs = try indices(TFLiteSchema.Graph.inputs)
        outputs = try indices(TFLiteSchema.Graph.outputs)
        operators = try graph.tables(TFLiteSchema.Graph.operators, limit: Self.listLimit).enumerated().map {
            index, table in
            try TFLiteOperator(table, index: index, codes: codes, tensorCount: count, file: file)
        }
    }

    /// The elements of a constant tensor of floats, widened to 32 bits and, if it is sparse, with its zeros.
    ///
    /// - Throws: ``WeightsError`` if the tensor is not such a constant, its length or its sparsity contradicts its
    ///   shape, or an element is not finite.
    package func floats(_ index: Int, in workspace: Workspace) throws -> Tensor {
        let tensor = tensors[index]
        do {
            guard tensor.element != .int32 else {
                throw TFLiteFault.elementType(tensor: tensor.name, type: "INT32")
            }
            let bytes = try bytes(of: tensor)
            let result: Tensor
            if let sparsity = tensor.sparsity {
                let stored = [Float](unsafeUninitializedCapacity: bytes.count / tensor.element.size) {
                    buffer, count in
                    count = bytes.count / tensor.element.size
                    _ = widen(
                        bytes, of: tensor.element.stored,
                        to: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                }
                let dense = try TFLiteSparsity(sparsity, tensor: tensor.name)
                    .filled(with: stored, shape: tensor.shape, name: tensor.name)
                result = Tensor(dense, shape: tensor.shape, in: workspace)
            } else {
                result = Tensor(shape: tensor.shape, in: workspace) {
                    _ = widen(bytes, of: tensor.element.stored, to: $0)
                }
            }
            let brokenCount = result.withUnsafeBuffer(nonFiniteCount)
            guard brokenCount == 0 else {
                throw WeightsError.notFinite(origin: origin, name: tensor.name, count: brokenCount)
            }
            return result
        } catch let fault as TFLiteFault {
            throw WeightsError.tflite(file: origin, fault)
        }
    }

    /// The elements of a constant tensor of at most 64 whole numbers; `nil` if the tensor is not such a constant.
    package func integers(_ index: Int) -> [Int]? {
        let tensor = tensors[index]
        guard tensor.element == .int32, tensor.sparsity == nil, let data = tensor.data,
            data.count == tensor.shape.reduce(4, *), data.count <= 256
        else { return nil }
        return stride(from: data.lowerBound, to: data.upperBound, by: 4).compactMap {
            file.bytes.littleEndian(Int32.self, at: $0).map(Int.init)
        }
    }

    /// The bytes of a constant; of a dense one, as many as its shape needs.
    private func bytes(of tensor: TFLiteTensor) throws -> UnsafeRawBufferPointer {
        guard let data = tensor.data else {
            throw TFLiteFault.missing(part: "data of tensor \(quoted(tensor.name))")
        }
        let expected = tensor.shape.reduce(tensor.element.size, *)
        guard tensor.sparsity != nil || data.count == expected, data.count % tensor.element.size == 0 else {
            throw TFLiteFault.lengthMismatch(tensor: tensor.name, expected: expected, found: data.count)
        }
        return UnsafeRawBufferPointer(rebasing: file.bytes[data])
    }
}

extension TFLiteTensor.Element {
    /// Bytes of one element.
    fileprivate var size: Int { stored.bitCount / 8 }
}

private func checkIndex(_ index: Int, of part: String, in count: Int) throws {
    guard index >= 0, index < count else {
        throw TFLiteFault.wrongIndex(part: part, index: index, count: count)
    }
}

extension TFLiteTensor {
    fileprivate init(_ table: FlatTable, buffers: [Range<Int>?]) throws {
        typealias Fields = TFLiteSchema.Tensor
        name = try table.text(Fields.name)
        shape = try table.numbers(Fields.shape, Int32.self, limit: 8) ?? []
        guard shape.allSatisfy({ $0 >= 1 }), let count = elementCount(of: shape),
            count <= TFLiteFile.elementLimit
        else { throw TFLiteFault.badShape(tensor: name, shape: shape) }
        if let quantization = try table.table(Fields.quantization) {
            let scales = try quantization.bytes(TFLiteSchema.Quantization.scale)
            let zeroPoints = try quantization.bytes(TFLiteSchema.Quantization.zeroPoint)
            guard scales?.isEmpty ?? true, zeroPoints?.isEmpty ?? true else {
                throw TFLiteFault.quantized(tensor: name)
            }
        }
        let number = Int(try table.number(Fields.type, Int8.self, absent: 0))
        guard let element = Element(rawValue: number) else {
            let names = TFLiteSchema.elementTypes
            throw TFLiteFault.elementType(
                tensor: name, type: names.indices.contains(number) ? names[number] : "type \(number)")
        }
        self.element = element
        let buffer = Int(try table.number(Fields.buffer, UInt32.self, absent: 0))
        try checkIndex(buffer, of: "buffer", in: buffers.count)
        data = buffers[buffer].flatMap { $0.isEmpty ? nil : $0 }
        sparsity = try table.table(Fields.sparsity)
    }
}

extension TFLiteOperator {
    fileprivate init(
        _ table: FlatTable, index: Int, codes: [TFLiteOperatorCode], tensorCount: Int, file: MappedFile
    ) throws {
        typealias Fields = TFLiteSchema.Operator
        let codeIndex = Int(try table.number(Fields.code, UInt32.self, absent: 0))
        try checkIndex(codeIndex, of: "operator code", in: codes.count)
        let code = codes[codeIndex]
        func indices(_ field: FlatField) throws -> [Int] {
            try table.numbers(field, Int32.self, limit: TFLiteFile.operandLimit) ?? []
        }
        inputs = try indices(Fields.inputs).map { input in
            guard input != -1 else { return nil }
            try checkIndex(input, of: "tensor", in: tensorCount)
            return input
        }
        outputs = try indices(Fields.outputs)
        for output in outputs { try checkIndex(output, of: "tensor", in: tensorCount) }
        self.index = index
        name = code.name
        let customRange = try table.bytes(Fields.customOptions) ?? 0..<0
        operation = try TFLiteOperation(
            code,
            TFLiteOptions(
                index: index, name: code.name, table: try table.table(Fields.options),
                type: Int(try table.number(Fields.optionsType, UInt8.self, absent: 0)),
                customBytes: UnsafeRawBufferPointer(rebasing: file.bytes[customRange])))
    }
}
