import Tensors
import TestSupport
import Testing

struct ConvolutionTests {
    let workspace = Workspace(threadCount: 2)

    @Test(arguments: [1, 2, 3, 5, 7], [1, 2, 3])
    func matchesTheTextbook(kernel: Int, stride: Int) {
        for padding in [Padding.none, Padding(kernel / 2), Padding(top: 0, left: 1, bottom: 2, right: 3)] {
            let x = Naive.noise([2, 9, 7, 3], seed: 1, in: workspace)
            let weight = Naive.noise([5, 3, kernel, kernel], seed: 2, in: workspace)
            let bias = Naive.noise([5], seed: 3, in: workspace)
            let packed = ConvolutionWeight(weight)
            expectClose(
                convolution2D(x, weight: packed, bias: bias, stride: stride, padding: padding),
                Naive.convolution(x, weight: weight, bias: bias, stride: stride, padding: padding),
                absolute: 1e-5,
                relative: 1e-5)
            expectClose(
                convolution2D(x, weight: packed, bias: nil, stride: stride, padding: padding),
                Naive.convolution(x, weight: weight, bias: nil, stride: stride, padding: padding),
                absolute: 1e-5,
                relative: 1e-5)
        }
    }
}
