import Imaging
import Tensors

/// How somebody's colours change slowly across a square: the light that a redrawn picture has, without its details.
struct Tones {
    /// The deviation of a Gaussian that leaves light and takes details away, in parts of a side.
    private static let smoothness = 0.1

    /// What is added to red, green and blue, in halves of their range, a value for each pixel of the square.
    private let channels: [Mask]

    /// - Parameters:
    ///   - change: what redrawing changed, [1, side, side, 3] in halves of a channel's range.
    ///   - person: whose tones these are; nothing beside them counts. `side` pixels square.
    init(change: Tensor, of person: Mask) {
        let (sigma, values) = (Self.smoothness * Double(person.width), change.values)
        let known = person.blurred(sigma: sigma).values
        channels = (0..<3).map { channel in
            let own = person.values.enumerated().map { $1 * values[3 * $0 + channel] }
            let sums = Mask(width: person.width, height: person.height, values: own).blurred(sigma: sigma)
                .values
            let means = zip(sums, known).map { $0 / max($1, .leastNormalMagnitude) }
            return Mask(width: person.width, height: person.height, values: means)
        }
    }

    /// A picture in these tones.
    ///
    /// - Parameters:
    ///   - square: what the tones are of.
    ///   - share: how much of them, 0…1, a pixel of the picture takes.
    func given(to image: Image, in square: TemplateSquare, share: (Point) -> Float) -> Image {
        var bytes = image.pixels
        for y in square.rows(of: image) {
            for x in square.columns(of: image) {
                let place = Point(x: Double(x), y: Double(y))
                let share = share(place)
                guard share > 0 else { continue }
                let painted = square.painted(place)
                for (channel, tone) in channels.enumerated() {
                    let index = (y * image.width + x) * image.channels.rawValue + channel
                    let toned = Float(bytes[index]) + 127.5 * share * tone.value(at: painted)
                    bytes[index] = UInt8(min(max(toned, 0), 255).rounded(.toNearestOrEven))
                }
            }
        }
        return Image(width: image.width, height: image.height, channels: image.channels, pixels: bytes)
    }
}
