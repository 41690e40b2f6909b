import CKernels

/// Scaled dot-product attention, softmax(Q Kᵀ / √d) V for each head (arXiv 1706.03762, equation 1).
///
/// Heads are consecutive slices of the channels. The score matrix exists only for a block of queries at a time.
///
/// - Parameters:
///   - query: [batch, queries, channels]
///   - key: [batch, keys, channels]
///   - value: [batch, keys, channels]
///   - headCount: divides the channels
/// - Returns: [batch, queries, channels]
public func attention(query: Tensor, key: Tensor, value: Tensor, headCount: Int) -> Tensor {
    AttentionGeometry(query: query, key: key, value: value, headCount: headCount)
        .attend(query, key, value, visibleKeys: { _, keys in keys })
}

/// Attention in which query i sees keys 0...i, as in CLIP's text model; there are as many keys as queries.
public func causalAttention(query: Tensor, key: Tensor, value: Tensor, headCount: Int) -> Tensor {
    precondition(
        query.shape == key.shape,
        "causal attention needs as many keys (\(key.shape)) as queries (\(query.shape))")
    return AttentionGeometry(query: query, key: key, value: value, headCount: headCount)
        .attend(query, key, value, visibleKeys: { query, _ in query + 1 })
}

/// The sizes of one attention.
private struct AttentionGeometry {
    let batch, queries, keys, channels, headCount: Int
    var headSize: Int { channels / headCount }

    private static let queriesPerBlock = 64

    init(query: Tensor, key: Tensor, value: Tensor, headCount: Int) {
        precondition(
            query.rank == 3 && key.rank == 3 && key.shape == value.shape && key.shape[0] == query.shape[0]
                && key.shape[2] == query.shape[2] && key.shape[1] > 0,
            "attention does not apply to query \(query.shape), key \(key.shape), value \(value.shape)")
        (batch, queries, channels) = (query.shape[0], query.shape[1], query.shape[2])
        keys = key.shape[1]
        self.headCount = headCount
        precondition(
            headCount > 0 && channels % headCount == 0, "\(channels) channels do not form \(headCount) heads")
    }

    func attend(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, visibleKeys: (_ query: Int, _ keys: Int) -> Int
    ) -> Tensor {
        let workspace = query.workspace
        let blocks = (queries + Self.queriesPerBlock - 1) / Self.queriesPerBlock
        return Tensor(shape: query.shape, in: workspace) { output in
            query.withUnsafeBuffer { query in
                key.withUnsafeBuffer { key in
                    value.withUnsafeBuffer { value in
                        guard let query = query.baseAddress, let key = key.baseAddress,
                            let value = value.baseAddress, let output = output.baseAddress
                        else { return }
                        workspace.parallel(batch * headCount * blocks) { index in
                            let item = index / (headCount * blocks)
                            let head = index / blocks % headCount
                            let first = index % blocks * Self.queriesPerBlock
                            let rows = min(Self.queriesPerBlock, queries - first)
                            let queryStart = (item * queries + first) * channels + head * headSize
                            let keyStart = item * keys * channels + head * headSize
                            attendBlock(
                                query + queryStart, key + keyStart, value + keyStart,
                                into: output + queryStart,
                                rows: rows, visibleKeys: { visibleKeys(first + $0, keys) }, in: workspace)
                        }
                    }
                }
            }
        }
    }

    private func attendBlock(
        _ query: UnsafePointer<Float>, _ key: UnsafePointer<Float>, _ value: UnsafePointer<Float>,
        into output: UnsafeMutablePointer<Float>, rows: Int, visibleKeys: (Int) -> Int,
        in workspace: Workspace
    ) {
        let block = workspace.arena.allocate(byteCount: rows * keys * 4)
        defer { workspace.arena.release(block) }
        let scores = block.address.bindMemory(to: Float.self, capacity: rows * keys)
        let dotProducts = MatrixProduct(
            rows: rows, columns: keys, depth: headSize, leftStride: channels,
            right: .transposed(stride: channels),
            outputStride: keys)
        dotProducts.multiply(query, key, into: scores, rows: 0..<rows, columns: 0..<keys, accumulating: false)
        let kernels = workspace.kernels
        let scale = 1 / Float(headSize).squareRoot()
        for row in 0..<rows {
            let scores = scores + row * keys
            let visible = visibleKeys(row)
            kernels.affine(scores, scale, 0, scores, visible)
            kernels.softmax_rows(scores, scores, 1, visible)
            (scores + visible).update(repeating: 0, count: keys - visible)
        }
        let weighted = MatrixProduct(
            rows: rows, columns: headSize, depth: keys, leftStride: keys, right: .plain(stride: channels),
            outputStride: channels)
        weighted.multiply(
            scores, value, into: output, rows: 0..<rows, columns: 0..<headSize, accumulating: false)
    }
}
