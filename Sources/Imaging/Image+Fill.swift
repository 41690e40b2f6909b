extension Image {
    /// The picture with the pixels that a mask covers made of what surrounds them, the smoother the further away it is.
    ///
    /// Means of what is known are taken over squares of 2, 4, 8, ... pixels, and the smallest square that knows anything
    /// counts (the pull and push of Gortler, Grzeszczuk, Szeliski, Cohen: "The Lumigraph", SIGGRAPH 1996, section 3.3).
    ///
    /// - Precondition: a mask of the picture's size.
    package func filled(where mask: Mask) -> Image {
        precondition(mask.width == width && mask.height == height, "A mask of the picture's size")
        let known = Level(
            width: width, height: height, channels: channels.rawValue, values: pixels.map(Float.init),
            weights: mask.values.map { 1 - min(max($0, 0), 1) })
        let filled = known.filled()
        let bytes = filled.values.map { UInt8(min(max($0, 0), 255).rounded(.toNearestOrEven)) }
        return Image(width: width, height: height, channels: channels, pixels: bytes)
            .blended(over: self, mask: mask)
    }
}

/// A picture of which each pixel is known so far.
private struct Level {
    let width: Int
    let height: Int
    let channels: Int
    var values: [Float]
    /// 0 is not known, 1 is known wholly.
    var weights: [Float]

    /// What is not known taken from half the size, and that from a quarter.
    func filled() -> Level {
        guard width > 1 || height > 1 else { return self }
        let coarse = halved().filled()
        var result = self
        for y in 0..<height {
            for x in 0..<width where weights[y * width + x] < 1 {
                let pixel = y * width + x
                for channel in 0..<channels {
                    let fine = values[pixel * channels + channel]
                    let rough = coarse.between(x, y, channel: channel)
                    result.values[pixel * channels + channel] = rough + (fine - rough) * weights[pixel]
                }
            }
        }
        return result
    }

    /// The value at a pixel of a level with twice the sides, bilinear: a square of one colour would show its edges.
    private func between(_ x: Int, _ y: Int, channel: Int) -> Float {
        func neighbours(_ place: Int, _ count: Int) -> (nearer: Int, further: Int) {
            let nearer = place / 2
            return (nearer, min(max(place.isMultiple(of: 2) ? nearer - 1 : nearer + 1, 0), count - 1))
        }
        let (columns, rows) = (neighbours(x, width), neighbours(y, height))
        func value(_ x: Int, _ y: Int) -> Float { values[(y * width + x) * channels + channel] }
        func along(_ row: Int) -> Float {
            0.75 * value(columns.nearer, row) + 0.25 * value(columns.further, row)
        }
        return 0.75 * along(rows.nearer) + 0.25 * along(rows.further)
    }

    /// Means of squares of two pixels, by how far they are known.
    private func halved() -> Level {
        let (columns, rows) = ((width + 1) / 2, (height + 1) / 2)
        var half = Level(
            width: columns, height: rows, channels: channels,
            values: Array(repeating: 0, count: columns * rows * channels),
            weights: Array(repeating: 0, count: columns * rows))
        for y in 0..<height {
            for x in 0..<width {
                let (pixel, below) = (y * width + x, y / 2 * columns + x / 2)
                half.weights[below] += weights[pixel]
                for channel in 0..<channels {
                    half.values[below * channels + channel] +=
                        weights[pixel] * values[pixel * channels + channel]
                }
            }
        }
        for pixel in half.weights.indices where half.weights[pixel] > 0 {
            for channel in 0..<channels {
                half.values[pixel * channels + channel] /= half.weights[pixel]
            }
            half.weights[pixel] = min(half.weights[pixel], 1)
        }
        return half
    }
}
