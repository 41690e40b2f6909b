import Imaging
import Testing

struct SeededRegionsTests {
    /// Two fields that meet at a slanted line, soft or sharp, with a little texture in both.
    private func picture(softness: Int) -> Image {
        let pixels = (0..<64 * 48).flatMap { pixel -> [UInt8] in
            let (y, x) = pixel.quotientAndRemainder(dividingBy: 64)
            let distance = 2 * x - y - 30
            let level = min(max(distance + softness, 0), 2 * softness) * 200 / (2 * softness)
            let texture = (x * 7 + y * 13) % 2
            return [UInt8(40 + level + texture), 90, 60]
        }
        return Image(width: 64, height: 48, channels: .rgb, pixels: pixels)
    }

    private func seed(x: Int, y: Int) -> Mask {
        Mask(width: 64, height: 48, values: (0..<64 * 48).map { $0 == y * 64 + x ? 1 : 0 })
    }

    /// The right seed lies much nearer to the line than the left one: what decides is the edge.
    @Test(arguments: [1, 6], [SeededRegions.Cost.change, .squaredChange])
    func regionsEndAtEdges(softness: Int, cost: SeededRegions.Cost) {
        let divided = SeededRegions(
            of: picture(softness: softness), seeds: [seed(x: 1, y: 1), seed(x: 44, y: 40)], cost: cost)
        let (left, right) = (divided.mask(of: 0), divided.mask(of: 1))
        for y in 0..<48 {
            for x in 0..<64 where abs(2 * x - y - 30) > 2 * softness + 2 {
                #expect(left.values[y * 64 + x] == (2 * x - y - 30 < 0 ? 1 : 0), "\(x), \(y)")
            }
        }
        #expect(zip(left.values, right.values).allSatisfy { $0 + $1 == 1 })
    }

    @Test func withoutSeedsThereIsNoRegion() {
        let nothing = Mask(width: 64, height: 48, polygon: [])
        let divided = SeededRegions(of: picture(softness: 1), seeds: [nothing, nothing], cost: .change)
        #expect(divided.mask(of: 0).values.allSatisfy { $0 == 0 })
    }
}
