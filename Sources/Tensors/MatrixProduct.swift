import COpenBLAS

/// x Wᵀ + b over the last axis.
///
/// - Parameters:
///   - x: [..., inputs]
///   - weight: [outputs, inputs], PyTorch's order
///   - bias: [outputs], or nil for none
/// - Returns: [..., outputs]
public func linear(_ x: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
    precondition(
        weight.rank == 2 && weight.shape[1] == x.lastAxis,
        "a linear layer with weight \(weight.shape) does not apply to \(x.shape)")
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let rows = x.count / max(1, inputs)
    return Tensor(shape: x.shape.dropLast() + [outputs], in: x.workspace) { output in
        let product = MatrixProduct(
            rows: rows, columns: outputs, depth: inputs, leftStride: inputs,
            right: .transposed(stride: inputs),
            outputStride: outputs)
        withAddresses(x, weight, output) { left, right, output in
            product.run(left, right, bias: bias, into: output, in: x.workspace)
        }
    }
}

/// The matrix product a b.
///
/// - Parameters:
///   - a: [..., rows, depth]
///   - b: [depth, columns], or with the same leading axes as `a`
/// - Returns: [..., rows, columns]
public func matrixProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
    precondition(
        a.rank >= 2 && b.rank >= 2 && b.shape[b.rank - 2] == a.lastAxis,
        "matrices of shapes \(a.shape) and \(b.shape) cannot be multiplied")
    return batchedProduct(a, b, columns: b.lastAxis, right: .plain(stride: b.lastAxis))
}

/// The matrix product a bᵀ.
///
/// - Parameters:
///   - a: [..., rows, depth]
///   - b: [columns, depth], or with the same leading axes as `a`
/// - Returns: [..., rows, columns]
public func matrixProductTransposed(_ a: Tensor, _ b: Tensor) -> Tensor {
    precondition(
        a.rank >= 2 && b.rank >= 2 && b.lastAxis == a.lastAxis,
        "matrices of shapes \(a.shape) and \(b.shape) (transposed) cannot be multiplied")
    return batchedProduct(a, b, columns: b.shape[b.rank - 2], right: .transposed(stride: b.lastAxis))
}

private func batchedProduct(
    _ a: Tensor, _ b: Tensor, columns: Int, right: MatrixProduct.Right
) -> Tensor {
    let depth = a.lastAxis
    let isShared = b.rank == 2
    precondition(
        isShared || a.shape.dropLast(2) == b.shape.dropLast(2),
        "the leading axes of \(a.shape) and \(b.shape) differ")
    let rows = isShared ? a.count / max(1, depth) : a.shape[a.rank - 2]
    let product = MatrixProduct(
        rows: rows, columns: columns, depth: depth, leftStride: depth, right: right, outputStride: columns)
    return Tensor(shape: a.shape.dropLast() + [columns], in: a.workspace) { output in
        withAddresses(a, b, output) { left, right, output in
            let batch = isShared ? 1 : a.shape.dropLast(2).reduce(1, *)
            for item in 0..<batch {
                product.run(
                    left + item * rows * depth, right + item * depth * columns, bias: nil,
                    into: output + item * rows * columns, in: a.workspace)
            }
        }
    }
}

private func withAddresses(
    _ a: Tensor, _ b: Tensor, _ output: UnsafeMutableBufferPointer<Float>,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) {
    guard let output = output.baseAddress, a.count > 0, b.count > 0 else {
        // An empty sum is zero.
        output.update(repeating: 0)
        return
    }
    a.withUnsafeBuffer { a in
        b.withUnsafeBuffer { b in
            guard let a = a.baseAddress, let b = b.baseAddress else { return }
            body(a, b, output)
        }
    }
}

/// One product of row-major matrices, cut along the longer side of the result for the threads of a workspace.
struct MatrixProduct {
    /// How the right operand lies in memory.
    enum Right {
        /// [depth, columns]
        case plain(stride: Int)
        /// [columns, depth]
        case transposed(stride: Int)
    }

    let rows: Int
    let columns: Int
    let depth: Int
    let leftStride: Int
    let right: Right
    let outputStride: Int

    /// Below this many multiplications a second thread does not pay.
    private static let workGrain = 1 << 17

    /// output = left · right + bias (over columns), or without the addition when `bias` is nil.
    func run(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, bias: Tensor?,
        into output: UnsafeMutablePointer<Float>, in workspace: Workspace
    ) {
        if let bias {
            bias.withChannels(columns, "the bias") { bias in
                split(in: workspace) { rows, columns in
                    for row in rows {
                        (output + row * outputStride + columns.lowerBound).update(
                            from: bias + columns.lowerBound, count: columns.count)
                    }
                    multiply(left, right, into: output, rows: rows, columns: columns, accumulating: true)
                }
            }
        } else {
            split(in: workspace) { rows, columns in
                multiply(left, right, into: output, rows: rows, columns: columns, accumulating: false)
            }
        }
    }

    private func split(in workspace: Workspace, _ body: (Range<Int>, Range<Int>) -> Void) {
        let cutsRows = rows >= columns
        let longer = cutsRows ? rows : columns
        let work = (cutsRows ? columns : rows) * depth
        // Cuts at multiples of 24, which the micro-kernels' tile sizes divide.
        let tiles = (longer + 23) / 24
        workspace.parallel(over: tiles, grain: max(1, Self.workGrain / (24 * work + 1))) { tiles in
            let part = tiles.lowerBound * 24..<min(longer, tiles.upperBound * 24)
            if cutsRows { body(part, 0..<columns) } else { body(0..<rows, part) }
        }
    }

    /// The part of the product in the given rows and columns, on the calling thread.
    func multiply(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
        rows: Range<Int>, columns: Range<Int>, accumulating: Bool
    ) {
        let (order, start, stride) =
            switch self.right {
            case .plain(let stride): (CblasNoTrans, columns.lowerBound, stride)
            case .transposed(let stride): (CblasTrans, columns.lowerBound * stride, stride)
            }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, order, blasint(rows.count), blasint(columns.count), blasint(depth),
            1,
            left + rows.lowerBound * leftStride, blasint(leftStride), right + start, blasint(stride),
            accumulating ? 1 : 0, output + rows.lowerBound * outputStride + columns.lowerBound,
            blasint(outputStride))
    }
}
