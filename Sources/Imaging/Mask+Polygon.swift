extension Mask {
    /// The share of each pixel that a polygon covers.
    ///
    /// Sixteen samples a pixel, by the even-odd rule; parts outside of the picture are cut off.
    ///
    /// - Parameter polygon: its corners in order; fewer than three enclose nothing.
    public init(width: Int, height: Int, polygon: [Point]) {
        let samples = 4
        var values = [Float](repeating: 0, count: width * height)
        for line in 0..<height * samples {
            let y = (Double(line) + 0.5) / Double(samples) - 0.5
            for span in Self.spans(of: polygon, at: y) {
                // Samples lie in the middle of quarter pixels, pixel 0 from -0.5 to 0.5.
                let first = Int(((span.lowerBound + 0.5) * Double(samples) - 0.5).rounded(.up).clamped(width))
                let last = Int(
                    ((span.upperBound + 0.5) * Double(samples) - 0.5).rounded(.down).clamped(width))
                for sample in max(first, 0)..<max(first, 0, min(last + 1, width * samples)) {
                    values[line / samples * width + sample / samples] += 1 / Float(samples * samples)
                }
            }
        }
        self.init(width: width, height: height, values: values)
    }

    /// Where a horizontal line lies inside a polygon.
    private static func spans(of polygon: [Point], at y: Double) -> [ClosedRange<Double>] {
        guard polygon.count > 2 else { return [] }
        var crossings: [Double] = []
        for (from, to) in zip(polygon, polygon.dropFirst() + [polygon[0]]) where (from.y <= y) != (to.y <= y)
        {
            crossings.append(from.x + (y - from.y) / (to.y - from.y) * (to.x - from.x))
        }
        crossings.sort()
        return stride(from: 0, to: crossings.count - 1, by: 2).map { crossings[$0]...crossings[$0 + 1] }
    }

    /// 1 where the mask is 0 and the other way round.
    public var inverted: Mask { map { 1 - $0 } }

    /// Each weight changed by itself.
    package func map(_ change: (Float) -> Float) -> Mask {
        Mask(width: width, height: height, values: values.map(change))
    }

    /// What either of two masks of one size covers.
    public func union(_ other: Mask) -> Mask {
        precondition(width == other.width && height == other.height, "Masks of one size")
        return Mask(width: width, height: height, values: zip(values, other.values).map { max($0, $1) })
    }

    /// What this mask covers and the other one, of the same size, does not.
    public func subtracting(_ other: Mask) -> Mask {
        precondition(width == other.width && height == other.height, "Masks of one size")
        return Mask(width: width, height: height, values: zip(values, other.values).map { min($0, 1 - $1) })
    }

    /// What both of two masks of one size cover.
    package func intersection(_ other: Mask) -> Mask {
        precondition(width == other.width && height == other.height, "Masks of one size")
        return Mask(width: width, height: height, values: zip(values, other.values).map { min($0, $1) })
    }

    /// Whether the pixel nearest to a point is covered, by a half at least; outside of the mask nothing is.
    package func contains(_ point: Point) -> Bool {
        let (column, row) = (Int(point.x.rounded()), Int(point.y.rounded()))
        guard (0..<width).contains(column), (0..<height).contains(row) else { return false }
        return values[row * width + column] >= 0.5
    }

    /// The pixels of this mask that hang together, side by side, with those of another one of the same size; each 0 or 1, a
    /// half counts as covered.
    package func connected(to seeds: Mask) -> Mask {
        precondition(width == seeds.width && height == seeds.height, "Masks of one size")
        var reached = seeds.values.map { $0 >= 0.5 }
        var open = reached.indices.filter { reached[$0] }
        while let pixel = open.popLast() {
            for next in Self.neighbours(of: pixel, width: width, height: height)
            where values[next] >= 0.5 && !reached[next] {
                reached[next] = true
                open.append(next)
            }
        }
        return Mask(width: width, height: height, values: reached.map { $0 ? 1 : 0 })
    }

    /// The pixels above, below, left and right of one, as far as there are any.
    static func neighbours(of pixel: Int, width: Int, height: Int) -> [Int] {
        let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
        var result: [Int] = []
        if row > 0 { result.append(pixel - width) }
        if row + 1 < height { result.append(pixel + width) }
        if column > 0 { result.append(pixel - 1) }
        if column + 1 < width { result.append(pixel + 1) }
        return result
    }

    /// The largest weight of each square of `factor` pixels: what touches any of them counts for all.
    ///
    /// - Precondition: both sides are multiples of `factor`.
    public func shrunken(by factor: Int) -> Mask {
        precondition(width % factor == 0 && height % factor == 0, "Sides are multiples of \(factor)")
        let (columns, rows) = (width / factor, height / factor)
        var result = [Float](repeating: 0, count: columns * rows)
        for y in 0..<height {
            for x in 0..<width {
                let index = y / factor * columns + x / factor
                result[index] = max(result[index], values[y * width + x])
            }
        }
        return Mask(width: columns, height: rows, values: result)
    }
}

extension Double {
    /// Far outside of any picture is as good as just outside, and converts to an integer.
    fileprivate func clamped(_ width: Int) -> Double { Swift.min(Swift.max(self, -8), Double(width) * 4 + 8) }
}

extension Image {
    /// The picture with another one laid over it, its top left pixel at `(x, y)`; what sticks out is cut off.
    ///
    /// - Precondition: the same channels.
    public func overlaid(with other: Image, x: Int, y: Int) -> Image {
        precondition(channels == other.channels, "Pictures with the same channels")
        let size = channels.rawValue
        let columns = max(x, 0)..<max(max(x, 0), min(x + other.width, width))
        var bytes = pixels
        for row in max(y, 0)..<max(max(y, 0), min(y + other.height, height)) where !columns.isEmpty {
            let source = ((row - y) * other.width + columns.lowerBound - x) * size
            let target = (row * width + columns.lowerBound) * size
            bytes.replaceSubrange(
                target..<target + columns.count * size,
                with: other.pixels[source..<source + columns.count * size])
        }
        return Image(width: width, height: height, channels: channels, pixels: bytes)
    }

    /// A picture of the given size in which every pixel shows what lies where `transform` takes it, bilinear; black
    /// beyond this picture's border.
    public func warped(by transform: SimilarityTransform, width: Int, height: Int) -> Image {
        let values = sampled(through: transform, width: width, height: height)
        return Image(
            width: width, height: height, channels: channels,
            pixels: values.map { UInt8(min(max($0, 0), 255).rounded(.toNearestOrEven)) })
    }
}

extension Mask {
    /// A mask of the given size in which every pixel shows what lies where `transform` takes it, bilinear; 0 beyond this
    /// mask's border.
    package func warped(by transform: SimilarityTransform, width: Int, height: Int) -> Mask {
        Mask(width: width, height: height) { value(at: transform($0)) }
    }

    /// A mask whose weights are asked for at the middle of each pixel.
    package init(width: Int, height: Int, weight: (Point) -> Float) {
        let values = (0..<width * height).map { weight(Point(x: Double($0 % width), y: Double($0 / width))) }
        self.init(width: width, height: height, values: values)
    }

    /// The weight at a point, bilinear; 0 beyond the border.
    package func value(at point: Point) -> Float {
        Float(bilinear(at: point, width: width, height: height) { x, y in Double(values[y * width + x]) })
    }
}
