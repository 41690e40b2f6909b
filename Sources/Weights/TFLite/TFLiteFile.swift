import Tensors

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
    static let operandLimit = 64

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

/// Refuses a number that the file gives for one of `count` things.
///
/// - Throws: ``TFLiteFault/wrongIndex(part:index:count:)``.
func checkIndex(_ index: Int, of part: String, in count: Int) throws {
    guard index >= 0, index < count else {
        throw TFLiteFault.wrongIndex(part: part, index: index, count: count)
    }
}
