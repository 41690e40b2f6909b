import Foundation
import Imaging

/// NASA's portrait of Eileen Collins, 512 x 512 (public domain), and pictures made of it.
enum AstronautPicture {
    static func load() throws -> Image {
        let file = URL(fileURLWithPath: #filePath).appending(path: "../../../Examples/astronaut.jpg")
        return try ImageFile.read(file.standardized.path)
    }

    /// The picture turned clockwise around its middle; corners become black.
    ///
    /// - Returns: the picture, and where a pixel of the portrait is in it.
    static func rotated(degrees: Double) throws -> (Image, position: SimilarityTransform) {
        let image = try load()
        let (angle, middle) = (degrees * .pi / 180, Double(image.width - 1) / 2)
        let (a, b) = (cos(angle), sin(angle))
        let position = SimilarityTransform(
            a: a, b: b, tx: middle - a * middle + b * middle, ty: middle - b * middle - a * middle)
        let values = image.sampled(through: position.inverse, width: image.width, height: image.height)
        let pixels = values.map { UInt8($0.rounded()) }
        return (Image(width: image.width, height: image.height, channels: .rgb, pixels: pixels), position)
    }

    /// Copies of the portrait on grey, each given by its left upper corner and its side.
    static func copies(_ places: [(x: Int, y: Int, side: Int)], width: Int, height: Int) throws -> Image {
        let portrait = try load()
        var pixels = [UInt8](repeating: 110, count: width * height * 3)
        for place in places {
            let copy = portrait.resized(width: place.side, height: place.side, filter: .lanczos3)
            for row in 0..<place.side {
                let target = ((place.y + row) * width + place.x) * 3
                pixels.replaceSubrange(
                    target..<target + place.side * 3,
                    with: copy.pixels[row * place.side * 3..<(row + 1) * place.side * 3])
            }
        }
        return Image(width: width, height: height, channels: .rgb, pixels: pixels)
    }

    /// A picture without people: slow waves of colour.
    static func nobody() -> Image {
        let pixels = (0..<400 * 300 * 3).map { index -> UInt8 in
            let (x, y) = (Double(index / 3 % 400), Double(index / 3 / 400))
            return UInt8(127 + 90 * sin(x / 31 + Double(index % 3)) * cos(y / 23))
        }
        return Image(width: 400, height: 300, channels: .rgb, pixels: pixels)
    }
}
