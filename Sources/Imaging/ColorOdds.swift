/// Which of two regions of a picture a colour is typical of.
package struct ColorOdds {
    /// Colours are told apart by so many levels of each channel.
    private static let levels = 16

    /// A colour of which a region has less is no colour of it.
    private static let leastShare: Float = 0.004

    /// How often colours occur in both regions, in parts of these.
    private let first, second: [Float]
    private let image: Image

    /// - Parameters:
    ///   - image: RGB.
    ///   - first: one region, a mask of the picture's size; a half counts as covered.
    ///   - second: the other region.
    package init(of image: Image, first: Mask, second: Mask) {
        precondition(image.channels == .rgb, "RGB")
        self.image = image
        func shares(_ mask: Mask) -> [Float] {
            var counts = [Float](repeating: 0, count: Self.levels * Self.levels * Self.levels)
            for pixel in mask.values.indices where mask.values[pixel] >= 0.5 {
                counts[Self.bin(of: pixel, in: image)] += 1
            }
            let total = max(counts.reduce(0, +), 1)
            return counts.map { $0 / total }
        }
        self.first = shares(first)
        self.second = shares(second)
    }

    /// 1 where a pixel's colour occurs in the first region, and at least `times` as often as in the second.
    package func firsts(by times: Float) -> Mask { pixels(of: first, besides: second, by: times) }

    /// 1 where a pixel's colour occurs in the second region, and at least `times` as often as in the first.
    package func seconds(by times: Float) -> Mask { pixels(of: second, besides: first, by: times) }

    /// 1 where a pixel's colour is none of the first region's.
    package var notFirsts: Mask {
        let values = (0..<image.width * image.height).map { pixel -> Float in
            first[Self.bin(of: pixel, in: image)] < Self.leastShare ? 1 : 0
        }
        return Mask(width: image.width, height: image.height, values: values)
    }

    private func pixels(of shares: [Float], besides others: [Float], by times: Float) -> Mask {
        let values = (0..<image.width * image.height).map { pixel -> Float in
            let bin = Self.bin(of: pixel, in: image)
            return shares[bin] >= Self.leastShare && shares[bin] >= times * others[bin] ? 1 : 0
        }
        return Mask(width: image.width, height: image.height, values: values)
    }

    private static func bin(of pixel: Int, in image: Image) -> Int {
        (0..<3).reduce(0) { $0 * levels + Int(image.pixels[3 * pixel + $1]) * levels / 256 }
    }
}
