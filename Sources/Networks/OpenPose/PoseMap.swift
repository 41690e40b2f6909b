import Glibc
import Tensors

/// One map of a pose network in double precision, in which the public code searches.
struct PoseMap {
    let height: Int
    let width: Int
    /// Rows first.
    private(set) var values: [Double]

    /// One channel of maps [1, height, width, channels].
    init(_ maps: Tensor, channel: Int) {
        (height, width) = (maps.shape[1], maps.shape[2])
        let channels = maps.shape[3]
        values = maps.withUnsafeBuffer { maps in
            stride(from: channel, to: maps.count, by: channels).map { Double(maps[$0]) }
        }
    }

    private init(height: Int, width: Int, values: [Double]) {
        self.height = height
        self.width = width
        self.values = values
    }

    subscript(x: Int, y: Int) -> Double { values[y * width + x] }

    /// Smoothed by a Gaussian of three pixels, cut at four times that; the border mirrors what is inside.
    func smoothed() -> PoseMap {
        let sigma = 3.0
        let radius = 12
        let raw = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let sum = raw.reduce(0, +)
        let kernel = raw.map { $0 / sum }
        let upright = Self.smoothed(
            values, kernel, length: height, step: width, lines: width, lineStep: 1)
        return PoseMap(
            height: height, width: width,
            values: Self.smoothed(upright, kernel, length: width, step: 1, lines: height, lineStep: width))
    }

    /// Smooths along one axis.
    ///
    /// - Parameters:
    ///   - length: samples of a line.
    ///   - step: from sample to sample.
    ///   - lines: how many lines there are.
    ///   - lineStep: from line to line.
    private static func smoothed(
        _ values: [Double], _ kernel: [Double], length: Int, step: Int, lines: Int, lineStep: Int
    ) -> [Double] {
        let radius = kernel.count / 2
        let period = 2 * length
        let mirrored = (-radius..<length + radius).map { position in
            let folded = (position % period + period) % period
            return min(folded, period - 1 - folded) * step
        }
        return [Double](unsafeUninitializedCapacity: values.count) { output, count in
            count = values.count
            for line in 0..<lines {
                for position in 0..<length {
                    var sum = 0.0
                    for tap in kernel.indices {
                        sum += kernel[tap] * values[line * lineStep + mirrored[position + tap]]
                    }
                    output[line * lineStep + position * step] = sum
                }
            }
        }
    }
}
