import Tensors

/// Resamples parts of an image by averaging: output pixel i of m covers the input pixels
/// floor(i n / m) ..< ceil((i + 1) n / m) of n on each axis, all with the same weight.
///
/// This is PyTorch's `interpolate(mode: "area")`, with which the reference implementation of MTCNN feeds its
/// networks, for shrinking and enlarging alike.
///
/// - Parameters:
///   - image: [1, height, width, 3].
///   - regions: the parts to resample, not empty and inside the image.
/// - Returns: [regions, height, width, 3], in the image's range of values.
package func areaResampled(_ image: Tensor, _ regions: [PixelRegion], height: Int, width: Int) -> Tensor {
    let shape = [regions.count, height, width, channelCount]
    return Tensor(shape: shape, in: image.workspace) { output in
        image.withUnsafeBuffer { input in
            for (index, region) in regions.enumerated() {
                let size = height * width * channelCount
                let resampler = AreaResampler(region: region, height: height, width: width)
                resampler.resample(
                    input, rowLength: image.shape[2] * channelCount,
                    into: UnsafeMutableBufferPointer(rebasing: output[index * size..<(index + 1) * size]))
            }
        }
    }
}

private let channelCount = 3

private struct AreaResampler {
    /// The input rows of each output row, and the input columns of each output column.
    private let rows: [Range<Int>]
    private let columns: [Range<Int>]
    private let left: Int
    private let span: Int

    init(region: PixelRegion, height: Int, width: Int) {
        rows = Self.ranges(from: region.top, count: region.bottom - region.top, parts: height)
        columns = Self.ranges(from: 0, count: region.right - region.left, parts: width)
        left = region.left
        span = region.right - region.left
    }

    private static func ranges(from start: Int, count: Int, parts: Int) -> [Range<Int>] {
        (0..<parts).map { part in
            start + part * count / parts..<start + ((part + 1) * count + parts - 1) / parts
        }
    }

    func resample(
        _ input: UnsafeBufferPointer<Float>, rowLength: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: span * channelCount) { sums in
            for (index, range) in rows.enumerated() {
                sums.update(repeating: 0)
                for row in range {
                    let pixels = input[row * rowLength + left * channelCount..<(row + 1) * rowLength]
                    let source = UnsafeBufferPointer(rebasing: pixels)
                    for position in 0..<sums.count { sums[position] += source[position] }
                }
                let size = columns.count * channelCount
                averageColumns(
                    of: UnsafeBufferPointer(sums), rowCount: range.count,
                    into: UnsafeMutableBufferPointer(rebasing: output[index * size..<(index + 1) * size]))
            }
        }
    }

    private func averageColumns(
        of sums: UnsafeBufferPointer<Float>, rowCount: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        for (index, range) in columns.enumerated() {
            var red: Float = 0
            var green: Float = 0
            var blue: Float = 0
            for column in range {
                red += sums[column * channelCount]
                green += sums[column * channelCount + 1]
                blue += sums[column * channelCount + 2]
            }
            let count = Float(rowCount * range.count)
            output[index * channelCount] = red / count
            output[index * channelCount + 1] = green / count
            output[index * channelCount + 2] = blue / count
        }
    }
}
