import Tensors
import TestSupport
import Testing

struct MatrixProductTests {
    let workspace = Workspace(threadCount: 2)

    @Test(arguments: [(1, 1, 1), (3, 5, 7), (64, 40, 33), (5, 300, 64), (300, 5, 64), (128, 96, 320)])
    func linearMatchesTheTextbook(rows: Int, outputs: Int, inputs: Int) {
        let x = Naive.noise([rows, inputs], seed: 1, in: workspace)
        let weight = Naive.noise([outputs, inputs], seed: 2, in: workspace)
        let bias = Naive.noise([outputs], seed: 3, in: workspace)
        // f32 sums of up to 320 products against f64: a few roundings of terms below 1.
        expectClose(
            linear(x, weight: weight, bias: bias), Naive.linear(x, weight: weight, bias: bias),
            absolute: 1e-5,
            relative: 1e-5)
        expectClose(
            linear(x, weight: weight, bias: nil), Naive.linear(x, weight: weight, bias: nil), absolute: 1e-5,
            relative: 1e-5)
        expectClose(
            matrixProduct(x, weight.transposed([1, 0])), Naive.linear(x, weight: weight, bias: nil),
            absolute: 1e-5,
            relative: 1e-5)
    }

    @Test func batchedProductsMultiplyItemByItem() {
        let a = Naive.noise([2, 3, 4, 5], seed: 1, in: workspace)
        let b = Naive.noise([2, 3, 6, 5], seed: 2, in: workspace)
        let product = matrixProductTransposed(a, b).reshaped([6, 4, 6])
        let plain = matrixProduct(a, b.transposed([0, 1, 3, 2])).reshaped([6, 4, 6])
        let (items, weights) = (a.reshaped([6, 4, 5]), b.reshaped([6, 6, 5]))
        for item in 0..<6 {
            let expected = Naive.linear(
                items[item..<item + 1].reshaped([4, 5]), weight: weights[item..<item + 1].reshaped([6, 5]),
                bias: nil)
            expectClose(product[item..<item + 1].reshaped([4, 6]), expected, absolute: 1e-6, relative: 1e-5)
            expectClose(plain[item..<item + 1].reshaped([4, 6]), expected, absolute: 1e-6, relative: 1e-5)
        }
    }
}
