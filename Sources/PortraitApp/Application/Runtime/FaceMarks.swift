import Imaging
import Portraits

/// Draws frames and numbers around the faces of a photo.
struct FaceMarks {
    /// Digits of five columns and seven rows, each row's bits from left to right.
    private static let digits: [[UInt8]] = [
        [14, 17, 19, 21, 25, 17, 14], [4, 12, 4, 4, 4, 4, 14], [14, 17, 1, 2, 4, 8, 31],
        [31, 2, 4, 2, 1, 17, 14], [2, 6, 10, 18, 31, 2, 2], [31, 16, 30, 1, 1, 17, 14],
        [6, 8, 16, 30, 17, 17, 14], [31, 1, 2, 4, 8, 8, 8], [14, 17, 17, 14, 17, 17, 14],
        [14, 17, 17, 15, 1, 2, 12],
    ]
    private static let chosenColor: [UInt8] = [255, 176, 64]
    private static let otherColor: [UInt8] = [190, 190, 190]
    private static let inkColor: [UInt8] = [20, 20, 20]

    private let width: Int
    private let height: Int
    private var pixels: [UInt8]

    /// The picture with all faces marked.
    ///
    /// - Parameters:
    ///   - scale: pixels of this picture for a pixel of the photo that was inspected.
    ///   - chosen: the numbers, from 1, of the faces to stand out.
    static func draw(
        on image: Image, faces: [PhotoInspection.Face], scale: Double, chosen: [Int]
    ) -> Image {
        var marks = FaceMarks(image.flattened(onto: [0, 0, 0]))
        for (index, face) in faces.enumerated() {
            let color = chosen.contains(index + 1) ? chosenColor : otherColor
            marks.mark(
                left: Int(face.left * scale), top: Int(face.top * scale), width: Int(face.width * scale),
                height: Int(face.height * scale), number: index + 1, color: color)
        }
        return Image(width: marks.width, height: marks.height, channels: .rgb, pixels: marks.pixels)
    }

    private init(_ image: Image) {
        (width, height, pixels) = (image.width, image.height, image.pixels)
    }

    private mutating func mark(left: Int, top: Int, width: Int, height: Int, number: Int, color: [UInt8]) {
        let line = max(2, self.width / 200)
        fill(left..<left + width, top..<top + line, color)
        fill(left..<left + width, top + height - line..<top + height, color)
        fill(left..<left + line, top..<top + height, color)
        fill(left + width - line..<left + width, top..<top + height, color)
        let text = String(number)
        let dot = max(2, self.width / 160)
        let label = (width: (text.count * 6 + 1) * dot, height: 9 * dot)
        // Above the frame if there is room, else inside it.
        let labelTop = top >= label.height ? top - label.height : top
        fill(left..<left + label.width, labelTop..<labelTop + label.height, color)
        for (position, character) in text.enumerated() {
            write(character, left: left + (position * 6 + 1) * dot, top: labelTop + dot, dot: dot)
        }
    }

    private mutating func write(_ digit: Character, left: Int, top: Int, dot: Int) {
        guard let value = digit.wholeNumberValue, Self.digits.indices.contains(value) else { return }
        for (row, bits) in Self.digits[value].enumerated() {
            for column in 0..<5 where bits & (16 >> column) != 0 {
                let (x, y) = (left + column * dot, top + row * dot)
                fill(x..<x + dot, y..<y + dot, Self.inkColor)
            }
        }
    }

    private mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ color: [UInt8]) {
        for y in rows.clamped(to: 0..<height) {
            for x in columns.clamped(to: 0..<width) {
                for channel in 0..<3 { pixels[(y * width + x) * 3 + channel] = color[channel] }
            }
        }
    }
}
