/// A picture divided among seeds: every pixel goes to the seed from which a way leads to it on which colours change least.
///
/// Dijkstra's algorithm with a bucket for each cost (Dial 1969).
package struct SeededRegions {
    /// What a step to the next pixel costs, by the largest change of a channel.
    package enum Cost {
        /// 1 and the change: an edge costs the same whether it is sharp or soft, and ways are short where there are none.
        case change
        /// 1 and its square: one edge costs more than the ups and downs of a whole head of hair.
        case squaredChange

        func callAsFunction(_ change: Int) -> Int {
            switch self {
            case .change: 1 + change
            case .squaredChange: 1 + change * change
            }
        }
    }

    private static let nobody = -1

    private let width: Int
    private let height: Int
    /// The seed of each pixel.
    private var owners: [Int]

    /// - Parameters:
    ///   - image: opaque.
    ///   - seeds: as large as the picture; a half counts as covered, and the first of several that cover a pixel has it.
    package init(of image: Image, seeds: [Mask], cost stepCost: Cost) {
        precondition(
            seeds.allSatisfy { $0.width == image.width && $0.height == image.height },
            "Masks of the picture's size")
        (width, height) = (image.width, image.height)
        owners = [Int](repeating: Self.nobody, count: width * height)
        var buckets = [[(pixel: Int, owner: Int)]](repeating: [], count: stepCost(255) + 1)
        for (owner, seed) in seeds.enumerated() {
            buckets[0] += seed.values.indices.filter { seed.values[$0] >= 0.5 }.map { ($0, owner) }
        }
        var (cost, waiting) = (0, buckets[0].count)
        while waiting > 0 {
            let reached = buckets[cost % buckets.count]
            buckets[cost % buckets.count] = []
            waiting -= reached.count
            for (pixel, owner) in reached where owners[pixel] == Self.nobody {
                owners[pixel] = owner
                for next in Mask.neighbours(of: pixel, width: width, height: height)
                where owners[next] == Self.nobody {
                    buckets[(cost + stepCost(Self.change(from: pixel, to: next, in: image))) % buckets.count]
                        .append(
                            (next, owner))
                    waiting += 1
                }
            }
            cost += 1
        }
    }

    /// 1 where a seed's region is.
    package func mask(of seed: Int) -> Mask {
        Mask(width: width, height: height, values: owners.map { $0 == seed ? 1 : 0 })
    }

    private static func change(from pixel: Int, to next: Int, in image: Image) -> Int {
        let size = image.channels.rawValue
        var change = 0
        for channel in 0..<size {
            let values = (image.pixels[size * pixel + channel], image.pixels[size * next + channel])
            change = max(change, abs(Int(values.0) - Int(values.1)))
        }
        return change
    }
}
