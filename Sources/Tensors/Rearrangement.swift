extension Tensor {
    /// The elements with the axes in another order: axis i of the result is axis `permutation[i]` of this tensor.
    ///
    /// `[0, 2, 3, 1]` turns PyTorch's NCHW into channels-last, `[0, 3, 1, 2]` turns it back.
    public func transposed(_ permutation: [Int]) -> Tensor {
        precondition(
            permutation.sorted() == Array(0..<rank), "\(permutation) does not permute the axes of \(shape)")
        var strides = Array(repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * shape[axis + 1]
        }
        let resultShape = permutation.map { shape[$0] }
        let sourceStrides = permutation.map { strides[$0] }
        guard rank >= 2, count > 0 else { return reshaped(resultShape) }

        // The last two axes of the result form planes; the axes before them are walked with their source offset.
        let (planeRows, planeColumns) = (resultShape[rank - 2], resultShape[rank - 1])
        let (rowStride, columnStride) = (sourceStrides[rank - 2], sourceStrides[rank - 1])
        let planes = count / (planeRows * planeColumns)
        return Tensor(shape: resultShape, in: workspace) { output in
            withUnsafeBuffer { input in
                guard let input = input.baseAddress, let output = output.baseAddress else { return }
                let bands = (planeRows + Self.transposeTile - 1) / Self.transposeTile
                workspace.parallel(
                    over: planes * bands, grain: max(1, elementGrain / (planeColumns * Self.transposeTile))
                ) {
                    for index in $0 {
                        let plane = index / bands
                        var (offset, rest) = (0, plane)
                        for axis in (0..<rank - 2).reversed() {
                            offset += rest % resultShape[axis] * sourceStrides[axis]
                            rest /= resultShape[axis]
                        }
                        let first = index % bands * Self.transposeTile
                        let rows = first..<min(planeRows, first + Self.transposeTile)
                        Self.copyPlane(
                            from: input + offset, rowStride: rowStride, columnStride: columnStride,
                            to: output + plane * planeRows * planeColumns, rows: rows, columns: planeColumns)
                    }
                }
            }
        }
    }

    /// Side of the squares in which planes are copied, so that both sides of a transposition stay in the cache.
    private static let transposeTile = 16

    private static func copyPlane(
        from source: UnsafePointer<Float>, rowStride: Int, columnStride: Int,
        to target: UnsafeMutablePointer<Float>, rows: Range<Int>, columns: Int
    ) {
        if columnStride == 1 {
            for row in rows {
                (target + row * columns).update(from: source + row * rowStride, count: columns)
            }
            return
        }
        for firstColumn in stride(from: 0, to: columns, by: transposeTile) {
            let tile = firstColumn..<min(columns, firstColumn + transposeTile)
            for row in rows {
                for column in tile {
                    target[row &* columns &+ column] = source[row &* rowStride &+ column &* columnStride]
                }
            }
        }
    }
}

/// Tensors joined along one axis; all other axes must agree.
///
/// - Parameters:
///   - tensors: at least one
///   - axis: counted from 0, or from the end if negative
public func concatenated(_ tensors: [Tensor], axis: Int) -> Tensor {
    guard let first = tensors.first else { preconditionFailure("nothing to concatenate") }
    let axis = axis < 0 ? first.rank + axis : axis
    precondition(axis >= 0 && axis < first.rank, "a tensor of shape \(first.shape) has no axis \(axis)")
    for tensor in tensors {
        var shape = tensor.shape
        precondition(shape.count == first.rank, "\(first.shape) and \(shape) cannot be concatenated")
        shape[axis] = first.shape[axis]
        precondition(
            shape == first.shape,
            "\(first.shape) and \(tensor.shape) cannot be concatenated along axis \(axis)")
    }
    var shape = first.shape
    shape[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
    let outer = shape[..<axis].reduce(1, *)
    let rowLength = shape[axis...].reduce(1, *)
    return Tensor(shape: shape, in: first.workspace) { output in
        guard let output = output.baseAddress else { return }
        var start = 0
        for tensor in tensors {
            let length = tensor.shape[axis...].reduce(1, *)
            tensor.withUnsafeBuffer { input in
                guard let input = input.baseAddress, length > 0 else { return }
                first.workspace.parallel(over: outer, grain: max(1, elementGrain / length)) { range in
                    for index in range {
                        (output + index * rowLength + start).update(
                            from: input + index * length, count: length)
                    }
                }
            }
            start += length
        }
    }
}

/// Rows of a table.
///
/// - Parameters:
///   - indices: each in 0..<table rows
///   - table: [rows, channels]
/// - Returns: [indices, channels]
public func embedding(indices: [Int], table: Tensor) -> Tensor {
    precondition(table.rank == 2, "an embedding table has two axes; the shape is \(table.shape)")
    let (rows, channels) = (table.shape[0], table.shape[1])
    return Tensor(shape: [indices.count, channels], in: table.workspace) { output in
        table.withUnsafeBuffer { table in
            guard let table = table.baseAddress, let output = output.baseAddress else { return }
            for (position, index) in indices.enumerated() {
                precondition(index >= 0 && index < rows, "index \(index) is outside a table of \(rows) rows")
                (output + position * channels).update(from: table + index * channels, count: channels)
            }
        }
    }
}
