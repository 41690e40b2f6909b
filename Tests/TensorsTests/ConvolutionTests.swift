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

    /// Sizes at which Winograd's algorithm is used, with borders that cut its 4 × 4 tiles.
    @Test(arguments: [(32, 32, 32, 16), (33, 35, 40, 24), (34, 31, 33, 3), (45, 30, 36, 33)])
    func largeImagesMatchTheTextbook(height: Int, width: Int, inputs: Int, outputs: Int) {
        let x = Naive.noise([1, height, width, inputs], seed: 1, in: workspace)
        let weight = Naive.noise([outputs, inputs, 3, 3], seed: 2, in: workspace)
        let bias = Naive.noise([outputs], seed: 3, in: workspace)
        let packed = ConvolutionWeight(weight)
        for padding in [Padding(1), Padding(top: 0, left: 1, bottom: 2, right: 1)] {
            let expected = Naive.convolution(x, weight: weight, bias: bias, stride: 1, padding: padding)
            let actual = convolution2D(x, weight: packed, bias: bias, stride: 1, padding: padding)
            // The transforms multiply f32 roundings by up to about 20.
            expectRelative(actual, expected, maxError: 1e-5)
        }
    }
}
