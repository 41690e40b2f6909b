import Tensors

/// Textbook implementations in f64, to compare the operations with where no fixture is needed.
enum Naive {
    /// Numbers in −1 ..< 1 that depend only on `seed`.
    static func noise(_ shape: [Int], seed: UInt64, in workspace: Workspace) -> Tensor {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        let values = (0..<shape.reduce(1, *)).map { _ in
            // Knuth's MMIX linear congruential generator; its high bits are good enough here.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
        return Tensor(values, shape: shape, in: workspace)
    }

    /// x Wᵀ + b.
    static func linear(_ x: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        let (xs, ws, bs) = (x.values, weight.values, bias?.values)
        let rows = x.count / inputs
        let values = (0..<rows * outputs).map { index in
            let (row, output) = (index / outputs, index % outputs)
            let sum = (0..<inputs).reduce(0.0) {
                $0 + Double(xs[row * inputs + $1]) * Double(ws[output * inputs + $1])
            }
            return Float(sum + Double(bs?[output] ?? 0))
        }
        return Tensor(values, shape: x.shape.dropLast() + [outputs], in: x.workspace)
    }

    /// The convolution of channels-last images with a weight in PyTorch's order.
    static func convolution(_ x: Tensor, weight: Tensor, bias: Tensor?, stride: Int, padding: Padding)
        -> Tensor
    {
        let (batch, height, width, inputs) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let (outputs, kernelHeight, kernelWidth) = (weight.shape[0], weight.shape[2], weight.shape[3])
        let outputHeight = (height + padding.top + padding.bottom - kernelHeight) / stride + 1
        let outputWidth = (width + padding.left + padding.right - kernelWidth) / stride + 1
        let (xs, ws, bs) = (x.values, weight.values, bias?.values)
        var values: [Float] = []
        for item in 0..<batch {
            for row in 0..<outputHeight {
                for column in 0..<outputWidth {
                    for output in 0..<outputs {
                        var sum = Double(bs?[output] ?? 0)
                        for ky in 0..<kernelHeight {
                            for kx in 0..<kernelWidth {
                                let (y, x) = (
                                    row * stride + ky - padding.top, column * stride + kx - padding.left
                                )
                                guard y >= 0, y < height, x >= 0, x < width else { continue }
                                for input in 0..<inputs {
                                    let pixel = xs[((item * height + y) * width + x) * inputs + input]
                                    let factor = ws[
                                        ((output * inputs + input) * kernelHeight + ky) * kernelWidth + kx]
                                    sum += Double(pixel) * Double(factor)
                                }
                            }
                        }
                        values.append(Float(sum))
                    }
                }
            }
        }
        return Tensor(values, shape: [batch, outputHeight, outputWidth, outputs], in: x.workspace)
    }

    /// Scaled dot-product attention; query i sees the first `visibleKeys(i)` keys.
    static func attention(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, headCount: Int, visibleKeys: (Int) -> Int
    ) -> Tensor {
        let (batch, queries, channels) = (query.shape[0], query.shape[1], query.shape[2])
        let keys = key.shape[1]
        let size = channels / headCount
        let (qs, ks, vs) = (query.values, key.values, value.values)
        var result = [Float](repeating: 0, count: query.count)
        for item in 0..<batch {
            for head in 0..<headCount {
                for row in 0..<queries {
                    let q = (item * queries + row) * channels + head * size
                    let scores = (0..<visibleKeys(row)).map { column in
                        let k = (item * keys + column) * channels + head * size
                        let dot = (0..<size).reduce(0.0) { $0 + Double(qs[q + $1]) * Double(ks[k + $1]) }
                        return dot / Double(size).squareRoot()
                    }
                    let largest = scores.max() ?? 0
                    let weights = scores.map { exponential($0 - largest) }
                    let total = weights.reduce(0, +)
                    for channel in 0..<size {
                        var sum = 0.0
                        for (column, weight) in weights.enumerated() {
                            sum +=
                                weight * Double(vs[(item * keys + column) * channels + head * size + channel])
                        }
                        result[q + channel] = Float(sum / total)
                    }
                }
            }
        }
        return Tensor(result, shape: query.shape, in: query.workspace)
    }

    /// eˣ for x ≤ 0 by squaring a series, so that the reference shares no code with what it checks.
    static func exponential(_ x: Double) -> Double {
        var reduced = x / 1024
        var (sum, term) = (1.0, 1.0)
        for order in 1...12 {
            term *= reduced / Double(order)
            sum += term
        }
        reduced = sum
        for _ in 0..<10 { reduced *= reduced }
        return reduced
    }
}
