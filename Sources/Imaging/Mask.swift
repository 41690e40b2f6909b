import Glibc

/// A picture of weights: how much of one thing belongs to each pixel.
public struct Mask: Sendable, Equatable {
    /// Columns; at least 1.
    public let width: Int
    /// Rows; at least 1.
    public let height: Int
    /// `width * height` weights, rows first, usually 0...1.
    public let values: [Float]

    /// Makes a mask of weights that are already there.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(
            width > 0 && height > 0 && values.count == width * height, "A mask has one weight a pixel")
        self.width = width
        self.height = height
        self.values = values
    }

    /// Grown by `radius` pixels in all eight directions: each weight becomes the largest of the square around it.
    public func dilated(radius: Int) -> Mask { ranked(radius: radius, max) }

    /// Shrunk by `radius` pixels; the border of the picture does not eat into the mask.
    public func eroded(radius: Int) -> Mask { ranked(radius: radius, min) }

    /// Smoothed by a Gaussian of `sigma` pixels, cut at four sigma; the border is repeated outwards.
    public func blurred(sigma: Double) -> Mask {
        guard sigma > 0 else { return self }
        let radius = Int(4 * sigma + 0.5)
        let raw = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let sum = raw.reduce(0, +)
        let kernel = raw.map { Float($0 / sum) }
        return mappingLines { line in
            line.indices.map { center in
                kernel.indices.reduce(Float(0)) { total, tap in
                    total + kernel[tap] * line[min(max(center + tap - radius, 0), line.count - 1)]
                }
            }
        }
    }

    /// A soft edge that lies wholly inside the mask, `2 * radius` pixels wide: eroded by `radius`, then blurred so far.
    public func feathered(radius: Int) -> Mask {
        guard radius > 0 else { return self }
        // A blur reaches four sigma.
        return eroded(radius: radius).blurred(sigma: Double(radius) / 4)
    }

    private func ranked(radius: Int, _ choose: (Float, Float) -> Float) -> Mask {
        guard radius > 0 else { return self }
        return mappingLines { line in
            line.indices.map { center in
                line[max(center - radius, 0)...min(center + radius, line.count - 1)].reduce(
                    line[center], choose)
            }
        }
    }

    /// Applies a one-dimensional operation to all rows, then to all columns.
    private func mappingLines(_ transform: ([Float]) -> [Float]) -> Mask {
        let rows = (0..<height).flatMap { y in transform(Array(values[y * width..<(y + 1) * width])) }
        var result = rows
        for x in 0..<width {
            let column = transform((0..<height).map { rows[$0 * width + x] })
            for y in 0..<height { result[y * width + x] = column[y] }
        }
        return Mask(width: width, height: height, values: result)
    }
}

extension Image {
    /// This picture where the mask is 1, `other` where it is 0, mixed between.
    ///
    /// Where the mask is 0 the bytes of `other` are untouched.
    ///
    /// - Precondition: all three have the same size, both pictures the same channels.
    public func blended(over other: Image, mask: Mask) -> Image {
        precondition(
            width == other.width && height == other.height && channels == other.channels
                && mask.width == width
                && mask.height == height, "Blending needs pictures and a mask of one size")
        let size = channels.rawValue
        let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
            count = pixels.count
            for index in 0..<count {
                let weight = mask.values[index / size]
                let (front, back) = (Float(pixels[index]), Float(other.pixels[index]))
                let mixed = back + (front - back) * min(max(weight, 0), 1)
                buffer[index] = UInt8(mixed.rounded(.toNearestOrEven))
            }
        }
        return Image(width: width, height: height, channels: channels, pixels: result)
    }
}
