/// A picture of 8-bit RGB or RGBA pixels.
///
/// Rows from top to bottom, pixels from left to right, channels interleaved, alpha not premultiplied. Pixel
/// `(x, y)` has its centre at the coordinates `(x, y)`.
public struct Image: Sendable, Equatable {
    /// What a pixel holds.
    ///
    /// The raw value is the number of bytes.
    public enum Channels: Int, Sendable {
        /// Red, green, blue.
        case rgb = 3
        /// Red, green, blue, opacity.
        case rgba = 4
    }

    /// Columns; at least 1.
    public let width: Int
    /// Rows; at least 1.
    public let height: Int
    /// What each pixel holds.
    public let channels: Channels
    /// `width * height * channels.rawValue` bytes.
    public private(set) var pixels: [UInt8]

    /// Makes a picture of pixels that are already there.
    ///
    /// - Precondition: both sides are at least 1 and `pixels` has exactly the bytes they need.
    public init(width: Int, height: Int, channels: Channels, pixels: [UInt8]) {
        precondition(width > 0 && height > 0, "A picture has at least one pixel, not \(width) x \(height)")
        precondition(
            pixels.count == width * height * channels.rawValue,
            "\(width) x \(height) \(channels) pixels need \(width * height * channels.rawValue) bytes, "
                + "not \(pixels.count)")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// Makes a picture in which every pixel is `color` (3 or 4 bytes, as `channels` says).
    public init(width: Int, height: Int, channels: Channels, filledWith color: [UInt8]) {
        precondition(color.count == channels.rawValue, "A colour has one byte a channel")
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * color.count) { buffer, count in
            count = width * height * color.count
            for index in 0..<count {
                buffer[index] = color[index % color.count]
            }
        }
        self.init(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// The bytes of one pixel.
    public subscript(x: Int, y: Int) -> ArraySlice<UInt8> {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "(\(x), \(y)) lies outside the picture")
        let start = (y * width + x) * channels.rawValue
        return pixels[start..<start + channels.rawValue]
    }

    /// The picture without opacity: transparent parts show `background` (3 bytes).
    public func flattened(onto background: [UInt8]) -> Image {
        precondition(background.count == 3, "The background is red, green, blue")
        guard channels == .rgba else { return self }
        let result = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
            count = width * height * 3
            for pixel in 0..<width * height {
                let alpha = Int(pixels[pixel * 4 + 3])
                for channel in 0..<3 {
                    let front = Int(pixels[pixel * 4 + channel])
                    let mixed = front * alpha + Int(background[channel]) * (255 - alpha)
                    buffer[pixel * 3 + channel] = UInt8((mixed + 127) / 255)
                }
            }
        }
        return Image(width: width, height: height, channels: .rgb, pixels: result)
    }

    /// The picture with an opacity of 255 everywhere, unless it has one already.
    public func addingOpacity() -> Image {
        guard channels == .rgb else { return self }
        let result = [UInt8](unsafeUninitializedCapacity: width * height * 4) { buffer, count in
            count = width * height * 4
            for pixel in 0..<width * height {
                for channel in 0..<3 {
                    buffer[pixel * 4 + channel] = pixels[pixel * 3 + channel]
                }
                buffer[pixel * 4 + 3] = 255
            }
        }
        return Image(width: width, height: height, channels: .rgba, pixels: result)
    }

    /// The rectangle whose top left pixel is `(x, y)`.
    ///
    /// Parts outside the picture are black (and opaque).
    public func cropped(x: Int, y: Int, width cropWidth: Int, height cropHeight: Int) -> Image {
        let black: [UInt8] = channels == .rgb ? [0, 0, 0] : [0, 0, 0, 255]
        var result = Image(width: cropWidth, height: cropHeight, channels: channels, filledWith: black)
        let columns = max(x, 0)..<max(max(x, 0), min(x + cropWidth, width))
        let rows = max(y, 0)..<max(max(y, 0), min(y + cropHeight, height))
        guard !columns.isEmpty else { return result }
        let size = channels.rawValue
        for row in rows {
            let source = (row * width + columns.lowerBound) * size
            let target = ((row - y) * cropWidth + columns.lowerBound - x) * size
            let byteCount = columns.count * size
            result.pixels.replaceSubrange(
                target..<target + byteCount, with: pixels[source..<source + byteCount])
        }
        return result
    }

    /// The picture centred on black of the given size, scaled as far as it fits.
    public func letterboxed(width boxWidth: Int, height boxHeight: Int, filter: ResizeFilter) -> Image {
        let placement = LetterboxPlacement(of: self, width: boxWidth, height: boxHeight)
        return resized(width: placement.width, height: placement.height, filter: filter)
            .cropped(x: -placement.left, y: -placement.top, width: boxWidth, height: boxHeight)
    }
}
