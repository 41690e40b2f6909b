import Imaging

/// The skin below a face: where it is, and how it takes the tone of another face's.
///
/// A head that comes with another person would end at the chin otherwise, and go on in the template's skin.
package struct NeckSkin {
    /// How far from the chin skin is looked for, in parts of the face's width.
    private static let reach = 0.6
    /// So much may the shares of red, green and blue differ from those of the face, and the brightness: necks lie in shade.
    private static let colorTolerance: Float = 0.04
    private static let brightness: ClosedRange<Float> = 0.3...1.4
    /// Added to sums, for the shares of black mean nothing.
    private static let darkness: Float = 24

    /// 1 where skin is seen, of the picture's size.
    package let mask: Mask
    private let tone: [Float]

    /// - Parameters:
    ///   - picture: RGB.
    ///   - face: the outline of its face.
    ///   - chin: the lowest point of the face.
    ///   - head: what belongs to the head and is no neck.
    ///   - isOwn: what of skin is the person's.
    package init(
        in picture: Image, below face: [Point], chin: Point, head: Mask,
        ownedBy isOwn: (Mask) -> Mask = { $0 }
    ) {
        let tone = Self.tone(of: picture, in: face)
        let columns = face.map(\.x)
        let reach = Self.reach * ((columns.max() ?? 0) - (columns.min() ?? 0))
        let (width, own) = (picture.width, Self.shares(tone[0], tone[1], tone[2]))
        let seen = (0..<width * picture.height).map { pixel -> Float in
            let place = Point(x: Double(pixel % width), y: Double(pixel / width))
            guard head.values[pixel] < 0.5, place.distance(to: chin) <= reach else { return 0 }
            let color = (0..<3).map { Float(picture.pixels[3 * pixel + $0]) }
            let shares = Self.shares(color[0], color[1], color[2])
            let isSkin =
                zip(shares, own).allSatisfy { abs($0 - $1) <= Self.colorTolerance }
                && Self.brightness.contains((color[0] + color[1] + color[2]) / max(tone.reduce(0, +), 1))
            return isSkin ? 1 : 0
        }
        let skin = isOwn(Mask(width: width, height: picture.height, values: seen))
        // A neck begins at the chin; further down hands and patterns have its colour too. Specks are patterns as well.
        let seed = head.dilated(radius: 2)
        let neck = skin.connected(to: seed).subtracting(seed)
        mask = neck.eroded(radius: 1).dilated(radius: 2).blurred(sigma: 0.8).subtracting(head)
        self.tone = tone
    }

    /// A picture with this skin in the tone of a face in another one.
    package func toned(_ picture: Image, as other: Image, face: [Point]) -> Image {
        let gains = zip(Self.tone(of: other, in: face), tone).map { $0 / max($1, 1) }
        let bytes = picture.pixels.enumerated().map { index, value in
            UInt8(min(max(Float(value) * gains[index % 3], 0), 255).rounded(.toNearestOrEven))
        }
        return Image(width: picture.width, height: picture.height, channels: .rgb, pixels: bytes)
            .blended(over: picture, mask: mask)
    }

    /// The median of each channel in an outline, which leaves out eyes, mouths and frames.
    private static func tone(of picture: Image, in face: [Point]) -> [Float] {
        let inside = Mask(width: picture.width, height: picture.height, polygon: face).values
        return (0..<3).map { channel in
            let values = inside.indices.filter { inside[$0] >= 0.5 }
                .map { picture.pixels[3 * $0 + channel] }.sorted()
            return values.isEmpty ? 0 : Float(values[values.count / 2])
        }
    }

    private static func shares(_ red: Float, _ green: Float, _ blue: Float) -> [Float] {
        let sum = red + green + blue + darkness
        return [red / sum, green / sum, blue / sum]
    }
}
