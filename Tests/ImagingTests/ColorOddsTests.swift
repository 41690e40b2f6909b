import Imaging
import Testing

struct ColorOddsTests {
    /// Columns of red, green, and of both by turns.
    private let picture = Image(
        width: 30, height: 4, channels: .rgb,
        pixels: (0..<120).flatMap { pixel -> [UInt8] in
            let column = pixel % 30
            return column < 10 || column >= 20 && column % 2 == 0 ? [200, 30, 30] : [30, 200, 30]
        })

    private func columns(_ range: Range<Int>) -> Mask {
        Mask(width: 30, height: 4, values: (0..<120).map { range.contains($0 % 30) ? 1 : 0 })
    }

    @Test func coloursBelongToWhereTheyAreFrequent() {
        let odds = ColorOdds(of: picture, first: columns(0..<12), second: columns(12..<20))
        for column in 0..<30 {
            let isRed = picture.pixels[3 * column] == 200
            #expect(odds.firsts(by: 2).values[column] == (isRed ? 1 : 0), "\(column)")
            #expect(odds.seconds(by: 2).values[column] == (isRed ? 0 : 1), "\(column)")
            #expect(odds.seconds(by: 20).values[column] == 0, "\(column)")
        }
        #expect(odds.notFirsts.values.allSatisfy { $0 == 0 })
    }

    @Test func aColourThatARegionLacksIsNoneOfIt() {
        let odds = ColorOdds(of: picture, first: columns(0..<10), second: columns(10..<20))
        #expect(odds.notFirsts == odds.seconds(by: 1))
    }
}
