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
                #expect((44...212).contains(value) && abs(value - truth) < 90, "\(value), \(truth)")
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
