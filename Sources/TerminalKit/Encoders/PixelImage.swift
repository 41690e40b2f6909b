/// A picture as the terminal encoders take it: RGBA bytes, rows from top to bottom, alpha not premultiplied.
public struct PixelImage: Sendable, Equatable {
    /// Columns; at least 1.
    public let width: Int
    /// Rows; at least 1.
    public let height: Int
    /// `width * height * 4` bytes.
    public let rgba: [UInt8]

    /// Makes a picture of pixels that are already there.
    public init(width: Int, height: Int, rgba: [UInt8]) {
        precondition(
            width > 0 && height > 0 && rgba.count == width * height * 4, "RGBA has four bytes a pixel")
        self.width = width
        self.height = height
        self.rgba = rgba
    }

    /// The size at which the picture fits a box; pictures that fit stay as they are.
    package func fittedSize(maxWidth: Int, maxHeight: Int) -> (width: Int, height: Int) {
        let scale = min(1, Double(maxWidth) / Double(width), Double(maxHeight) / Double(height))
        return (max(1, Int(Double(width) * scale)), max(1, Int(Double(height) * scale)))
    }

    /// The picture at a smaller size, each pixel the mean of those it covers.
    package func shrunk(toWidth newWidth: Int, height newHeight: Int) -> PixelImage {
        precondition(
            (1...width).contains(newWidth) && (1...height).contains(newHeight), "Shrinking never enlarges")
        guard (newWidth, newHeight) != (width, height) else { return self }
        let pixels = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * 4) { buffer, count in
            count = newWidth * newHeight * 4
            for y in 0..<newHeight {
                let rows = y * height / newHeight..<((y + 1) * height + newHeight - 1) / newHeight
                for x in 0..<newWidth {
                    let columns = x * width / newWidth..<((x + 1) * width + newWidth - 1) / newWidth
                    let mean = meanColor(columns: columns, rows: rows)
                    for channel in 0..<4 {
                        buffer[(y * newWidth + x) * 4 + channel] = mean[channel]
                    }
                }
            }
        }
        return PixelImage(width: newWidth, height: newHeight, rgba: pixels)
    }

    private func meanColor(columns: Range<Int>, rows: Range<Int>) -> SIMD4<UInt8> {
        var sum = SIMD4<Int>.zero
        for row in rows {
            for column in columns {
                let start = (row * width + column) * 4
                sum &+= SIMD4(
                    Int(rgba[start]), Int(rgba[start + 1]), Int(rgba[start + 2]), Int(rgba[start + 3]))
            }
        }
        let area = columns.count * rows.count
        return SIMD4<UInt8>(truncatingIfNeeded: (sum &+ SIMD4(repeating: area / 2)) / area)
    }

    /// The pixels over black, as RGB.
    func rgbOverBlack() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
            count = width * height * 3
            for pixel in 0..<width * height {
                let alpha = Int(rgba[pixel * 4 + 3])
                for channel in 0..<3 {
                    buffer[pixel * 3 + channel] = UInt8((Int(rgba[pixel * 4 + channel]) * alpha + 127) / 255)
                }
            }
        }
    }
}
