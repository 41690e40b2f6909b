extension PixelImage {
    /// The picture at another size: each pixel the weighted mean of those near it, weights falling off linearly
    /// over one pixel of the coarser grid (a triangle filter).
    package func resampled(toWidth newWidth: Int, height newHeight: Int) -> PixelImage {
        precondition(newWidth > 0 && newHeight > 0, "A picture has pixels")
        guard (newWidth, newHeight) != (width, height) else { return self }
        let columns = Self.taps(from: width, to: newWidth)
        let rows = Self.taps(from: height, to: newHeight)
        let narrow = [Float](unsafeUninitializedCapacity: newWidth * height * 4) { output, count in
            count = newWidth * height * 4
            rgba.withUnsafeBufferPointer { input in
                for y in 0..<height {
                    for x in 0..<newWidth {
                        let tap = columns[x]
                        var sum = SIMD4<Float>.zero
                        for index in 0..<tap.weights.count {
                            let start = (y * width + tap.first + index) * 4
                            let pixel = SIMD4<Float>(
                                Float(input[start]), Float(input[start + 1]), Float(input[start + 2]),
                                Float(input[start + 3]))
                            sum += pixel * tap.weights[index]
                        }
                        let target = (y * newWidth + x) * 4
                        for channel in 0..<4 { output[target + channel] = sum[channel] }
                    }
                }
            }
        }
        let pixels = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * 4) { output, count in
            count = newWidth * newHeight * 4
            narrow.withUnsafeBufferPointer { input in
                let rowLength = newWidth * 4
                for y in 0..<newHeight {
                    let tap = rows[y]
                    for position in 0..<rowLength {
                        var sum: Float = 0.5
                        for index in 0..<tap.weights.count {
                            sum += input[(tap.first + index) * rowLength + position] * tap.weights[index]
                        }
                        output[y * rowLength + position] = UInt8(min(max(sum, 0), 255))
                    }
                }
            }
        }
        return PixelImage(width: newWidth, height: newHeight, rgba: pixels)
    }

    private struct Taps {
        let first: Int
        let weights: [Float]
    }

    private static func taps(from oldCount: Int, to newCount: Int) -> [Taps] {
        let scale = Float(oldCount) / Float(newCount)
        let reach = max(1, scale)
        return (0..<newCount).map { index in
            let center = (Float(index) + 0.5) * scale
            let first = max(0, Int((center - reach).rounded(.down)))
            let end = min(oldCount, Int((center + reach).rounded(.up)))
            let weights = (first..<end).map { max(0, 1 - abs(Float($0) + 0.5 - center) / reach) }
            let sum = weights.reduce(0, +)
            return Taps(first: first, weights: weights.map { $0 / sum })
        }
    }

    /// A part of the picture; what lies outside is left out, and the part is never empty.
    package func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> PixelImage {
        let x = min(max(0, x), width - 1)
        let y = min(max(0, y), height - 1)
        let newWidth = min(max(1, newWidth), width - x)
        let newHeight = min(max(1, newHeight), height - y)
        guard (newWidth, newHeight) != (width, height) else { return self }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(newWidth * newHeight * 4)
        for row in y..<y + newHeight {
            pixels += rgba[(row * width + x) * 4..<(row * width + x + newWidth) * 4]
        }
        return PixelImage(width: newWidth, height: newHeight, rgba: pixels)
    }
}
