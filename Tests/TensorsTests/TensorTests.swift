import Tensors
import TestSupport
import Testing

struct TensorTests {
    let workspace = Workspace(threadCount: 2)

    private func counting(_ shape: [Int]) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map { Float($0) }, shape: shape, in: workspace)
    }

    @Test func reshapesAndSlicesShareElements() {
        let x = counting([4, 3, 2])
        #expect(x.reshaped([2, 12]).values == x.values)
        #expect(x[1..<3].shape == [2, 3, 2])
        #expect(x[1..<3].values == (6..<18).map { Float($0) })
        #expect(x[1..<3][1..<2].reshaped([6]).values == [12, 13, 14, 15, 16, 17])
        #expect(x[2..<2].values == [])
    }

    @Test func transpositionsMoveElements() {
        let x = counting([2, 3, 19, 35])
        for permutation in [[0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [1, 0, 2, 3], [2, 0, 3, 1]] {
            let y = x.transposed(permutation)
            #expect(y.shape == permutation.map { x.shape[$0] })
            var inverse = [0, 0, 0, 0]
            for (axis, source) in permutation.enumerated() { inverse[source] = axis }
            #expect(y.transposed(inverse).values == x.values)
        }
        #expect(counting([2, 3]).transposed([1, 0]).values == [0, 3, 1, 4, 2, 5])
        #expect(counting([1, 2, 2, 2]).transposed([0, 2, 3, 1]).values == [0, 4, 1, 5, 2, 6, 3, 7])
    }

    /// Operations work in place when they can; nobody may notice.
    @Test func operationsLeaveTheirOperandsAlone() {
        let x = counting([2, 8])
        let slice = x[1..<2]
        let before = x.values
        _ = x + x
        _ = x * 2
        _ = silu(x)
        _ = softmax(slice)
        _ = relu(x.reshaped([16]))
        #expect(x.values == before)
        var copy = x
        copy.withUnsafeMutableBuffer { $0[0] = 100 }
        #expect(x.values == before && copy.values[0] == 100)
    }

    @Test func borrowedMemoryIsNeverWritten() {
        final class Owner: Sendable {
            nonisolated(unsafe) let memory = UnsafeMutablePointer<Float>.allocate(capacity: 4)
            deinit { memory.deallocate() }
        }
        let owner = Owner()
        owner.memory.initialize(repeating: -1, count: 4)
        func borrowed() -> Tensor { Tensor(borrowing: owner.memory, shape: [4], owner: owner, in: workspace) }
        #expect(relu(borrowed()).values == [0, 0, 0, 0])
        #expect((borrowed() * 3).values == [-3, -3, -3, -3])
        #expect((0..<4).map { owner.memory[$0] } == [-1, -1, -1, -1])
    }

    @Test func broadcastsAlongMissingAndUnitAxes() {
        let x = Tensor.zeros([2, 2, 3], in: workspace)
        #expect((x + counting([3])).values == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
        #expect((x + counting([2, 1, 3])).values == [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5])
        #expect((x - counting([2, 1, 1])).values == [0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1])
        #expect((x + counting([2, 2, 3])).values == (0..<12).map { Float($0) })
        #expect((counting([2, 2]) * counting([1, 2])).values == [0, 1, 0, 3])
    }

    @Test func concatenatesAlongAnyAxis() {
        let (a, b) = (counting([2, 1, 2]), counting([2, 2, 2]))
        #expect(concatenated([a, b], axis: 1).values == [0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 6, 7])
        #expect(concatenated([a, a], axis: -1).values == [0, 1, 0, 1, 2, 3, 2, 3])
        #expect(concatenated([a, b.reshaped([4, 1, 2])], axis: 0).shape == [6, 1, 2])
    }

    @Test func embeddingPicksRows() {
        #expect(embedding(indices: [2, 0, 2], table: counting([3, 2])).values == [4, 5, 0, 1, 4, 5])
    }
}

struct WorkspaceTests {
    @Test func memoryIsReturnedAndReused() {
        let workspace = Workspace(threadCount: 1)
        for _ in 0..<100 {
            let x = Tensor.zeros([1000, 100], in: workspace)
            #expect(workspace.liveBytes >= x.count * 4)
        }
        #expect(workspace.liveBytes == 0)
        // One block of 400,000 bytes, a quarter of a power of two rounded up, served all hundred tensors.
        #expect(workspace.peakBytes <= 500_000)
    }

    @Test func operationsReturnTheirScratchMemory() {
        let workspace = Workspace(threadCount: 2)
        do {
            let x = Naive.noise([1, 40, 40, 32], seed: 1, in: workspace)
            let weight = ConvolutionWeight(Naive.noise([16, 32, 3, 3], seed: 2, in: workspace))
            _ = convolution2D(x, weight: weight, bias: nil, stride: 1, padding: Padding(1))
            _ = convolution2D(x, weight: weight, bias: nil, stride: 2, padding: Padding(1))
            let tokens = x.reshaped([1, 1600, 32])
            _ = attention(query: tokens, key: tokens, value: tokens, headCount: 2)
        }
        #expect(workspace.liveBytes == 0)
    }

    /// 4096 × 4096 scores of 2 heads would be 134 MB.
    @Test func attentionNeedsNoSquareOfMemory() {
        let workspace = Workspace(threadCount: 2)
        let x = Tensor.zeros([1, 4096, 16], in: workspace)
        _ = attention(query: x, key: x, value: x, headCount: 2)
        #expect(workspace.peakBytes < 5_000_000)
    }

    @Test(arguments: 1...5) func everyIndexRunsOnce(threadCount: Int) {
        let workspace = Workspace(threadCount: threadCount)
        for count in 0..<200 {
            var visits = [Int](repeating: 0, count: count)
            visits.withUnsafeMutableBufferPointer { visits in
                // Each index touches its own element.
                nonisolated(unsafe) let visits = visits
                workspace.parallel(count) { visits[$0] += 1 }
            }
            #expect(visits == [Int](repeating: 1, count: count))
        }
    }

    @Test func nestedAndConcurrentCallersAreServed() async {
        let workspace = Workspace(threadCount: 3)
        let sums = await withTaskGroup(of: Float.self) { group in
            for seed in 0..<8 {
                group.addTask {
                    let x = Naive.noise([64, 64], seed: UInt64(seed % 2), in: workspace)
                    var product = x
                    for _ in 0..<20 { product = softmax(matrixProduct(product, x)) }
                    return product.values.reduce(0, +)
                }
            }
            return await group.reduce(into: [Float]()) { $0.append($1) }
        }
        #expect(Set(sums).count <= 2)
        var total = 0
        workspace.parallel(1) { _ in workspace.parallel(4) { total += $0 } }
        #expect(total == 6)
    }

    /// The same thread count gives the same bytes, whichever thread does which part.
    @Test func resultsDoNotDependOnScheduling() {
        let workspace = Workspace(threadCount: 4)
        let x = Naive.noise([1, 36, 36, 32], seed: 1, in: workspace)
        let weight = ConvolutionWeight(Naive.noise([32, 32, 3, 3], seed: 2, in: workspace))
        let scale = Naive.noise([32], seed: 3, in: workspace)
        func run() -> [Float] {
            let y = convolution2D(x, weight: weight, bias: scale, stride: 1, padding: Padding(1))
            let z = groupNormSiLU(y, groupCount: 8, weight: scale, bias: scale, epsilon: 1e-5).reshaped([
                1, 1296, 32,
            ])
            return attention(query: z, key: z, value: z, headCount: 4).values
        }
        let first = run()
        for _ in 0..<10 { #expect(run() == first) }
    }

    @Test func cancellationIsSeenAndWithdrawn() throws {
        let workspace = Workspace(threadCount: 1)
        try workspace.checkCancellation()
        workspace.cancel()
        #expect(throws: CancellationError.self) { try workspace.checkCancellation() }
        workspace.resetCancellation()
        try workspace.checkCancellation()
    }
}

struct ComparisonTests {
    @Test(arguments: [Float.nan, .infinity, -.infinity, 1.1]) func wrongElementsFail(_ wrong: Float) {
        withKnownIssue { expectClose([1, wrong], [1, 1], absolute: 0.01, relative: 0.01) }
        withKnownIssue {
            expectClose([wrong, 1], [wrong.isNaN ? wrong : 1, 1], absolute: 0.01, relative: 0.01)
        }
        let comparison = Comparison([1, wrong], [1, 1]) { _ in 0.01 }
        #expect(comparison.failureCount == 1 && comparison.worst?.index == 1)
    }

    @Test func equalElementsPass() {
        expectClose([1, 0], [1.001, 0], absolute: 0, relative: 0.01)
    }
}
