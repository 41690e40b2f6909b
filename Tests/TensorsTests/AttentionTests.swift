import Tensors
import TestSupport
import Testing

struct AttentionTests {
    let workspace = Workspace(threadCount: 2)

    @Test(arguments: [(1, 1, 1, 8), (4, 7, 2, 40), (70, 77, 2, 40), (130, 300, 1, 64), (5, 700, 3, 12)])
    func matchesTheTextbook(queries: Int, keys: Int, headCount: Int, headSize: Int) {
        let channels = headCount * headSize
        let query = Naive.noise([2, queries, channels], seed: 1, in: workspace) * 4
        let key = Naive.noise([2, keys, channels], seed: 2, in: workspace)
        let value = Naive.noise([2, keys, channels], seed: 3, in: workspace)
        expectClose(
            attention(query: query, key: key, value: value, headCount: headCount),
            Naive.attention(query, key, value, headCount: headCount) { _ in keys }, absolute: 2e-6,
            relative: 1e-5)
    }

    @Test(arguments: [1, 2, 77, 200])
    func causalAttentionHidesTheFuture(tokens: Int) {
        let query = Naive.noise([2, tokens, 24], seed: 1, in: workspace) * 4
        let key = Naive.noise([2, tokens, 24], seed: 2, in: workspace)
        let value = Naive.noise([2, tokens, 24], seed: 3, in: workspace)
        expectClose(
            causalAttention(query: query, key: key, value: value, headCount: 3),
            Naive.attention(query, key, value, headCount: 3) { $0 + 1 }, absolute: 2e-6, relative: 1e-5)
    }
}
