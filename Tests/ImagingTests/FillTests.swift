import Imaging
import Testing

/// Covered pixels made of what surrounds them.
@Suite struct FillTests {
    private func disc(side: Int, radius: Int) -> Mask {
        let values = (0..<side * side).map { pixel -> Float in
            let (x, y) = (pixel % side - side / 2, pixel / side - side / 2)
            return x * x + y * y <= radius * radius ? 1 : 0
        }
        return Mask(width: side, height: side, values: values)
    }

    @Test func aPlainPictureStaysPlain() {
        let picture = Image(width: 45, height: 45, channels: .rgb, filledWith: [12, 200, 90])
        let spoiled = Image(width: 45, height: 45, channels: .rgb, filledWith: [255, 0, 0])
            .blended(over: picture, mask: disc(side: 45, radius: 17))
        #expect(spoiled.filled(where: disc(side: 45, radius: 18)) == picture)
    }

    @Test func whatIsKnownStaysAndTheRestLiesBetween() {
        // From black on the left to white on the right.
        let side = 64
        let ramp = (0..<side * side).flatMap { pixel in
            [UInt8](repeating: UInt8(pixel % side * 4), count: 3)
        }
        let picture = Image(width: side, height: side, channels: .rgb, pixels: ramp)
        let mask = disc(side: side, radius: 20)
        let filled = picture.filled(where: mask)
        for pixel in 0..<side * side {
            let (value, truth) = (Int(filled.pixels[3 * pixel]), Int(ramp[3 * pixel]))
            if mask.values[pixel] == 0 {
                #expect(value == truth)
            } else {
                // The hole's edges are 48 and 208.
                #expect((44...212).contains(value) && abs(value - truth) < 30, "\(value), \(truth)")
            }
        }
    }

    @Test func noEdgesOfSquaresShow() {
        // Steps of 4 to the right and none downwards, as of the picture, would be perfect; squares would show as 100.
        let side = 64
        let ramp = (0..<side * side).flatMap { pixel in
            [UInt8](repeating: UInt8(pixel % side * 4), count: 3)
        }
        let picture = Image(width: side, height: side, channels: .rgb, pixels: ramp)
        let filled = picture.filled(where: disc(side: side, radius: 20))
        for row in 1..<side {
            for column in 1..<side {
                func value(_ row: Int, _ column: Int) -> Int {
                    Int(filled.pixels[3 * (row * side + column)])
                }
                #expect(abs(value(row, column) - value(row, column - 1)) <= 10, "\(row), \(column)")
                #expect(abs(value(row, column) - value(row - 1, column)) <= 10, "\(row), \(column)")
            }
        }
    }

    @Test func aPictureOfWhichNothingIsKnownIsBlack() {
        let picture = Image(width: 5, height: 3, channels: .rgb, filledWith: [200, 200, 200])
        let all = Mask(width: 5, height: 3, values: Array(repeating: 1, count: 15))
        #expect(
            picture.filled(where: all) == Image(width: 5, height: 3, channels: .rgb, filledWith: [0, 0, 0]))
    }
}
