import CKernels

/// Scaled dot-product attention, softmax(Q Kᵀ / √d) V for each head (arXiv 1706.03762, equation 1).
///
/// Heads are consecutive slices of the channels. The score matrix exists only for a block of queries and keys at a
/// time, so memory does not grow with queries × keys.
///
/// - Parameters:
///   - query: [batch, queries, channels]
///   - key: [batch, keys, channels]
///   - value: [batch, keys, channels]
///   - headCount: divides the channels
/// - Returns: [batch, queries, channels]
public func attention(query: Tensor, key: Tensor, value: Tensor, headCount: Int) -> Tensor {
    let geometry = AttentionGeometry(query: query, key: key, value: value, headCount: headCount)
    // The register tiles of the blockwise kernel lose to a matrix product once a head is this long.
    return geometry.headSize > 256
        ? geometry.attendByRows(query, key, value)
        : geometry.attendByBlocks(query, key, value, mask: .none)
}

/// Attention in which query i sees keys 0...i, as in CLIP's text model; there are as many keys as queries.
///
/// - Parameters:
///   - query: [batch, tokens, channels]
///   - key: [batch, tokens, channels]
///   - value: [batch, tokens, channels]
///   - headCount: divides the channels
/// - Returns: [batch, tokens, channels]
public func causalAttention(query: Tensor, key: Tensor, value: Tensor, headCount: Int) -> Tensor {
    precondition(
        query.shape == key.shape,
        "causal attention needs as many keys (\(key.shape)) as queries (\(query.shape))")
    return AttentionGeometry(query: query, key: key, value: value, headCount: headCount)
        .attendByBlocks(query, key, value, mask: .causal)
}

/// The sizes of one attention.
private struct AttentionGeometry {
    enum Mask { case none, causal }

    let batch, queries, keys, channels, headCount, headSize: Int

    /// The head's length with the zeros that the kernel wants.
    var paddedHeadSize: Int { (headSize + 7) / 8 * 8 }

    init(query: Tensor, key: Tensor, value: Tensor, headCount: Int) {
        precondition(
            query.rank == 3 && key.rank == 3 && key.shape == value.shape && key.shape[0] == query.shape[0]
                && key.shape[2] == query.shape[2] && key.shape[1] > 0,
            "attention does not apply to query \(query.shape), key \(key.shape), value \(value.shape)")
        (batch, queries, channels) = (query.shape[0], query.shape[1], query.shape[2])
        keys = key.shape[1]
        precondition(
            headCount > 0 && channels % headCount == 0, "\(channels) channels do not form \(headCount) heads")
        self.headCount = headCount
        headSize = channels / headCount
    }

    /// Where the row of a token begins, for one head.
    func offset(item: Int, token: Int, tokens: Int, head: Int) -> Int {
        (item * tokens + token) * channels + head * headSize
    }

    typealias Pointers = (
        query: UnsafePointer<Float>, key: UnsafePointer<Float>, value: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    )

    func makeOutput(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ body: (Pointers) -> Void) -> Tensor {
        Tensor(shape: query.shape, in: query.workspace) { output in
            query.withUnsafeBuffer { query in
                key.withUnsafeBuffer { key in
                    value.withUnsafeBuffer { value in
                        guard let query = query.baseAddress, let key = key.baseAddress,
                            let value = value.baseAddress, let output = output.baseAddress
                        else { return }
                        body((query, key, value, output))
                    }
                }
            }
        }
    }
}

// MARK: - By blocks of queries and keys

extension AttentionGeometry {
    /// Scores of 96 queries by 256 keys, with both sides' operands, stay in a second-level cache of 512 KB.
    private static let queriesPerBlock = 96
    private static let keysPerBlock = 256

    /// Attention with a running softmax over blocks of keys (FlashAttention, arXiv 2205.14135, algorithm 1).
    func attendByBlocks(_ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Mask) -> Tensor {
        let workspace = query.workspace
        let blocks = (queries + Self.queriesPerBlock - 1) / Self.queriesPerBlock
        let packed = PackedKeys(of: self, in: workspace)
        defer { packed.release(in: workspace) }
        return makeOutput(query, key, value) { pointers in
            workspace.parallel(batch * headCount) { index in
                packed.pack(index, from: pointers, geometry: self, in: workspace)
            }
            workspace.parallel(batch * headCount * blocks) { index in
                let first = index % blocks * Self.queriesPerBlock
                let rows = first..<min(queries, first + Self.queriesPerBlock)
                attend(rows, head: index / blocks, to: packed, pointers, mask: mask, in: workspace)
            }
        }
    }

    /// One block of queries of one head (counted over the batch) against all keys.
    private func attend(
        _ rows: Range<Int>, head: Int, to packed: PackedKeys, _ pointers: Pointers, mask: Mask,
        in workspace: Workspace
    ) {
        let size = paddedHeadSize
        let scoreColumns = min(Self.keysPerBlock, packed.paddedKeys)
        let scratch = Scratch(
            counts: [rows.count * size, rows.count * scoreColumns, 2 * rows.count, rows.count * size],
            in: workspace)
        defer { scratch.release(in: workspace) }
        let (queries, weighted) = (scratch.parts[0], scratch.parts[3])
        let (maxima, sums) = (scratch.parts[2], scratch.parts[2] + rows.count)
        let start = offset(
            item: head / headCount, token: rows.lowerBound, tokens: self.queries, head: head % headCount)

        // log2(e): the kernel's exponentials are powers of two.
        copyRows(
            pointers.query + start, to: queries, rows: rows.count,
            scale: 1.442_695_04 / Float(headSize).squareRoot(),
            in: workspace)
        maxima.update(repeating: -.infinity, count: rows.count)
        sums.update(repeating: 0, count: rows.count)
        weighted.update(repeating: 0, count: rows.count * size)

        for firstKey in stride(from: 0, to: keys, by: Self.keysPerBlock) {
            let count = min(Self.keysPerBlock, keys - firstKey)
            if mask == .causal, firstKey >= rows.upperBound { break }
            let visible = mask == .causal ? max(0, rows.lowerBound + 1 - firstKey) : count
            var block = ck_attention_block(
                rows: rows.count, keys: count, head_size: size, visible: visible,
                visible_step: mask == .causal ? 1 : 0, queries: queries,
                key_panels: packed.panels(of: head) + firstKey * size,
                values: packed.values(of: head) + firstKey * size,
                scores: scratch.parts[1], maxima: maxima, sums: sums, weighted: weighted)
            workspace.kernels.attend_block(&block)
        }
        for row in 0..<rows.count {
            workspace.kernels.affine(
                weighted + row * size, 1 / sums[row], 0, pointers.output + start + row * channels, headSize)
        }
    }

    /// Copies rows of one head, scaled, with zeros up to the padded length.
    fileprivate func copyRows(
        _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, rows: Int, scale: Float,
        in workspace: Workspace
    ) {
        for row in 0..<rows {
            let padded = target + row * paddedHeadSize
            workspace.kernels.affine(source + row * channels, scale, 0, padded, headSize)
            (padded + headSize).update(repeating: 0, count: paddedHeadSize - headSize)
        }
    }
}

/// The keys and values of every head, rearranged for the kernel.
private struct PackedKeys {
    let paddedKeys: Int
    private let paddedHeadSize: Int
    private let scratch: Scratch

    init(of geometry: AttentionGeometry, in workspace: Workspace) {
        paddedKeys = (geometry.keys + 15) / 16 * 16
        paddedHeadSize = geometry.paddedHeadSize
        let count = geometry.batch * geometry.headCount * paddedKeys * paddedHeadSize
        scratch = Scratch(counts: [count, count], in: workspace)
    }

    func release(in workspace: Workspace) { scratch.release(in: workspace) }

    /// [keys / 16, head size, 16]
    func panels(of head: Int) -> UnsafeMutablePointer<Float> {
        scratch.parts[0] + head * paddedKeys * paddedHeadSize
    }

    /// [keys, head size]
    func values(of head: Int) -> UnsafeMutablePointer<Float> {
        scratch.parts[1] + head * paddedKeys * paddedHeadSize
    }

    func pack(
        _ head: Int, from pointers: AttentionGeometry.Pointers, geometry: AttentionGeometry,
        in workspace: Workspace
    ) {
        let (keys, channels, headSize) = (geometry.keys, geometry.channels, geometry.headSize)
        let start = geometry.offset(
            item: head / geometry.headCount, token: 0, tokens: keys, head: head % geometry.headCount)
        geometry.copyRows(pointers.value + start, to: values(of: head), rows: keys, scale: 1, in: workspace)
        let panels = panels(of: head)
        for first in stride(from: 0, to: paddedKeys, by: 16) {
            let panel = panels + first * paddedHeadSize
            let source = pointers.key + start + first * channels
            let present = min(16, keys - first)
            if present < 16 || headSize < paddedHeadSize {
                panel.update(repeating: 0, count: 16 * paddedHeadSize)
            }
            for key in 0..<present {
                for channel in 0..<headSize {
                    panel[16 &* channel &+ key] = source[key &* channels &+ channel]
                }
            }
        }
    }
}

// MARK: - By whole rows

extension AttentionGeometry {
    private static let queriesPerProduct = 256

    /// Attention with the scores of 256 queries to all keys at a time, for long heads.
    func attendByRows(_ query: Tensor, _ key: Tensor, _ value: Tensor) -> Tensor {
        let workspace = query.workspace
        let blocks = (queries + Self.queriesPerProduct - 1) / Self.queriesPerProduct
        return makeOutput(query, key, value) { pointers in
            workspace.parallel(batch * headCount * blocks) { index in
                let (item, head) = (index / blocks / headCount, index / blocks % headCount)
                let first = index % blocks * Self.queriesPerProduct
                let rows = min(Self.queriesPerProduct, queries - first)
                let queryStart = offset(item: item, token: first, tokens: queries, head: head)
                let keyStart = offset(item: item, token: 0, tokens: keys, head: head)
                attendRows(
                    (
                        pointers.query + queryStart, pointers.key + keyStart, pointers.value + keyStart,
                        pointers.output + queryStart
                    ), rows: rows, in: workspace)
            }
        }
    }

    private func attendRows(_ pointers: Pointers, rows: Int, in workspace: Workspace) {
        let scratch = Scratch(counts: [rows * keys], in: workspace)
        defer { scratch.release(in: workspace) }
        let scores = scratch.parts[0]
        let dotProducts = MatrixProduct(
            rows: rows, columns: keys, depth: headSize, leftStride: channels,
            right: .transposed(stride: channels),
            outputStride: keys)
        dotProducts.multiply(
            pointers.query, pointers.key, into: scores, rows: 0..<rows, columns: 0..<keys, accumulating: false
        )
        let kernels = workspace.kernels
        kernels.affine(scores, 1 / Float(headSize).squareRoot(), 0, scores, rows * keys)
        kernels.softmax_rows(scores, scores, rows, keys)
        let weighted = MatrixProduct(
            rows: rows, columns: headSize, depth: keys, leftStride: keys, right: .plain(stride: channels),
            outputStride: channels)
        weighted.multiply(
            scores, pointers.value, into: pointers.output, rows: 0..<rows, columns: 0..<headSize,
            accumulating: false)
    }
}
