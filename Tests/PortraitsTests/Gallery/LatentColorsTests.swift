import Imaging
import Portraits
import TestSupport
import Testing

/// The linear guess at what latents look like.
@Suite struct LatentColorsTests {
    /// Latents whose picture is known: red follows the first channel, green the second, blue is constant.
    private func sample(count: Int) -> (LatentPreview, Image) {
        var random = RepeatableGenerator(seed: 5)
        var values: [Float] = []
        var pixels: [UInt8] = []
        for _ in 0..<count * count {
            let (red, green) = (
                Int.random(in: 0...255, using: &random), Int.random(in: 0...255, using: &random)
            )
            let other = Float.random(in: -1...1, using: &random)
            values += [
                Float(red) / 127.5 - 1, Float(green) / 51 - 2.5, other,
                Float.random(in: -1...1, using: &random),
            ]
            pixels += [UInt8(red), UInt8(green), 77]
        }
        let latents = LatentPreview(width: count, height: count, channels: 4, values: values)
        return (latents, Image(width: count, height: count, channels: .rgb, pixels: pixels))
    }

    @Test func theMapIsLearnedFromOnePicture() throws {
        let (latents, image) = sample(count: 16)
        let colors = try #require(LatentColors.fitted(to: latents, picture: image))
        let guess = try #require(colors.picture(of: latents))
        let worst = zip(guess.pixels, image.pixels).map { abs(Int($0) - Int($1)) }.max()
        // The guess is cut to whole numbers, the picture was rounded.
        #expect(worst ?? 255 <= 1)
    }

    @Test func whatCannotBeLearnedIsNil() {
        let (latents, image) = sample(count: 16)
        let flat = LatentPreview(width: 16, height: 16, channels: 4, values: Array(repeating: 0, count: 1024))
        let broken = LatentPreview(
            width: 16, height: 16, channels: 4, values: latents.values.map { _ in .nan })
        #expect(LatentColors.fitted(to: flat, picture: image) == nil)
        #expect(LatentColors.fitted(to: broken, picture: image) == nil)
        #expect(LatentColors.unknown(channels: 3).picture(of: latents) == nil)
        #expect(LatentColors.unknown(channels: 4).picture(of: broken)?.pixels.allSatisfy { $0 == 0 } == true)
    }
}
