/// How the stored elements of a sparse tensor are spread over its shape.
///
/// The axes are walked from the outermost level to the innermost in the order of `traversalOrder`. A level is dense, and
/// then all its coordinates are met, or compressed, and then its list of indices between two segment marks says which.
/// Axes from the rank on are the insides of blocks of the axes that `blockMap` names (tensorflow/lite/schema,
/// `SparsityParameters`; Chou, Kjolstad, Amarasinghe: "Format Abstraction for Sparse Tensor Algebra Compilers", 2018).
struct TFLiteSparsity: Sendable {
    enum Level: Sendable {
        case dense(size: Int)
        /// The indices of the part below the parent's element p are those from `segments[p]` to `segments[p + 1]`.
        case compressed(segments: [Int], indices: [Int])
    }

    private let traversalOrder: [Int]
    private let blockMap: [Int]
    private let levels: [Level]

    private static let axisLimit = 16

    init(_ table: FlatTable, tensor: String) throws {
        typealias Fields = TFLiteSchema.Sparsity
        traversalOrder = try table.numbers(Fields.traversalOrder, Int32.self, limit: Self.axisLimit) ?? []
        blockMap = try table.numbers(Fields.blockMap, Int32.self, limit: Self.axisLimit) ?? []
        levels = try table.tables(Fields.dimensions, limit: Self.axisLimit).map {
            try Level($0, tensor: tensor)
        }
    }

    /// The dense tensor's elements in row-major order.
    ///
    /// - Throws: ``TFLiteFault/sparsity(tensor:reason:)``.
    func filled(with stored: [Float], shape: [Int], name: String) throws -> [Float] {
        func fault(_ reason: String) -> TFLiteFault { .sparsity(tensor: name, reason: reason) }
        guard traversalOrder.sorted() == Array(0..<shape.count + blockMap.count),
            levels.count == traversalOrder.count
        else { throw fault("its levels do not belong to the shape \(shape)") }
        guard blockMap.allSatisfy(shape.indices.contains), Set(blockMap).count == blockMap.count else {
            throw fault("its blocks \(blockMap) do not belong to the shape \(shape)")
        }
        let plan = try plan(shape: shape, fault)
        var filling = Filling(stored: stored, target: [Float](repeating: 0, count: shape.reduce(1, *)))
        try filling.fill(levels: plan[...], parent: 0, offset: 0, fault)
        return filling.target
    }

    /// The levels from the outermost on: the number of coordinates, and how far apart they are in the dense tensor.
    private func plan(shape: [Int], _ fault: (String) -> TFLiteFault) throws -> [(
        Level, size: Int, step: Int
    )] {
        var steps = [Int](repeating: 1, count: shape.count)
        for axis in stride(from: shape.count - 2, through: 0, by: -1) {
            steps[axis] = steps[axis + 1] * shape[axis + 1]
        }
        var blockSizes = [Int](repeating: 1, count: shape.count)
        for (level, axis) in zip(levels, traversalOrder) where axis >= shape.count {
            guard case .dense(let size) = level, size >= 1, shape[blockMap[axis - shape.count]] % size == 0
            else {
                throw fault("a block does not divide its axis")
            }
            blockSizes[blockMap[axis - shape.count]] = size
        }
        return try zip(levels, traversalOrder).map { level, axis in
            let isBlock = axis >= shape.count
            let target = isBlock ? blockMap[axis - shape.count] : axis
            let size = isBlock ? blockSizes[target] : shape[target] / blockSizes[target]
            if case .dense(let found) = level, found != size {
                throw fault("a level has \(found) coordinates instead of \(size)")
            }
            return (level, size, isBlock ? steps[target] : steps[target] * blockSizes[target])
        }
    }

    private struct Filling {
        let stored: [Float]
        var target: [Float]

        /// - Parameters:
        ///   - parent: which element of the level above this is below.
        ///   - offset: where the coordinates so far lead in the dense tensor.
        mutating func fill(
            levels: ArraySlice<(Level, size: Int, step: Int)>, parent: Int, offset: Int,
            _ fault: (String) -> TFLiteFault
        ) throws {
            guard let (level, size, step) = levels.first else {
                guard parent < stored.count else { throw fault("only \(stored.count) elements are stored") }
                target[offset] = stored[parent]
                return
            }
            let inner = levels.dropFirst()
            switch level {
            case .dense:
                for coordinate in 0..<size {
                    try fill(
                        levels: inner, parent: parent * size + coordinate, offset: offset + coordinate * step,
                        fault)
                }
            case .compressed(let segments, let indices):
                guard parent + 1 < segments.count else {
                    throw fault("only \(segments.count) segments are marked")
                }
                for position in segments[parent]..<segments[parent + 1] {
                    let coordinate = indices[position]
                    guard coordinate < size else { throw fault("index \(coordinate) is outside \(size)") }
                    try fill(levels: inner, parent: position, offset: offset + coordinate * step, fault)
                }
            }
        }
    }
}

extension TFLiteSparsity.Level {
    fileprivate init(_ table: FlatTable, tensor: String) throws {
        typealias Fields = TFLiteSchema.Dimension
        func fault(_ reason: String) -> TFLiteFault { .sparsity(tensor: tensor, reason: reason) }
        let format = try table.number(Fields.format, Int8.self, absent: 0)
        switch format {
        case 0:
            let size = Int(try table.number(Fields.size, Int32.self, absent: 0))
            guard size >= 1 else { throw fault("a level has \(size) coordinates") }
            self = .dense(size: size)
        case 1:
            guard let segments = try Self.numbers(table, Fields.segmentsType, Fields.segments),
                let indices = try Self.numbers(table, Fields.indicesType, Fields.indices)
            else { throw fault("a compressed level has no indices") }
            // Ascending marks within the list mean that each index is met at most once.
            guard let first = segments.first, first >= 0, segments.last ?? 0 <= indices.count,
                zip(segments, segments.dropFirst()).allSatisfy({ $0 <= $1 }), indices.allSatisfy({ $0 >= 0 })
            else { throw fault("the marks of a compressed level are out of order") }
            self = .compressed(segments: segments, indices: indices)
        default: throw fault("a level has the unknown format \(format)")
        }
    }

    /// A list of 32-, 16- or 8-bit numbers, as the field of its type says.
    private static func numbers(_ table: FlatTable, _ type: FlatField, _ list: FlatField) throws -> [Int]? {
        let values = TFLiteSchema.IndexVector.values
        let limit = 1 << 22
        guard let vector = try table.table(list) else { return nil }
        switch try table.number(type, UInt8.self, absent: 0) {
        case 1: return try vector.numbers(values, Int32.self, limit: limit)
        case 2: return try vector.numbers(values, UInt16.self, limit: limit)
        case 3: return try vector.numbers(values, UInt8.self, limit: limit)
        default: return nil
        }
    }
}
