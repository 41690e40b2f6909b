/// How the camera was held, as EXIF tag 0x0112 says (EXIF 2.32, §4.6.4 A).
package enum Orientation: UInt16, CaseIterable, Sendable {
    /// Where the first row and first column of the stored picture belong in the shown one.
    case topLeft = 1, topRight, bottomRight, bottomLeft, leftTop, rightTop, rightBottom, leftBottom

    var swapsSides: Bool { rawValue >= 5 }

    /// The stored pixel that is shown at `(x, y)`; `width` and `height` are those of the stored picture.
    func source(x: Int, y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
        switch self {
        case .topLeft: (x, y)
        case .topRight: (width - 1 - x, y)
        case .bottomRight: (width - 1 - x, height - 1 - y)
        case .bottomLeft: (x, height - 1 - y)
        case .leftTop: (y, x)
        case .rightTop: (y, height - 1 - x)
        case .rightBottom: (width - 1 - y, height - 1 - x)
        case .leftBottom: (width - 1 - y, x)
        }
    }
}

extension Image {
    /// The picture as it is meant to be seen.
    package func upright(from orientation: Orientation) -> Image {
        guard orientation != .topLeft else { return self }
        let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
        let size = channels.rawValue
        let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
            count = pixels.count
            pixels.withUnsafeBufferPointer { stored in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let from = orientation.source(x: x, y: y, width: width, height: height)
                        for channel in 0..<size {
                            buffer[(y * newWidth + x) * size + channel] =
                                stored[(from.y * width + from.x) * size + channel]
                        }
                    }
                }
            }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }
}

/// The one thing that is read from EXIF blocks.
///
/// Place, time and camera are not even looked at.
package enum EXIF {
    /// Finds the orientation in an EXIF block, with or without its "Exif\0\0".
    ///
    /// - Returns: `topLeft` when there is none or the block is damaged: many programs write damaged EXIF, and
    ///   the picture is whole without it.
    package static func orientation(in block: UnsafeBufferPointer<UInt8>) -> Orientation {
        let reader = TIFFReader(block)
        return reader?.orientation() ?? .topLeft
    }
}

/// Reads the first directory of a TIFF block; every access is checked against its end.
private struct TIFFReader {
    private static let orientationTag: UInt16 = 0x0112
    private static let shortType: UInt16 = 3
    private static let entrySize = 12

    private let bytes: UnsafeBufferPointer<UInt8>
    private let start: Int
    private let isBigEndian: Bool

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        let hasPrefix = bytes.count >= 6 && bytes.prefix(6).elementsEqual("Exif\0\0".utf8)
        self.bytes = bytes
        self.start = hasPrefix ? 6 : 0
        guard bytes.count - start >= 8 else { return nil }
        switch (bytes[start], bytes[start + 1]) {
        case (UInt8(ascii: "M"), UInt8(ascii: "M")): isBigEndian = true
        case (UInt8(ascii: "I"), UInt8(ascii: "I")): isBigEndian = false
        default: return nil
        }
        guard uint16(at: 2) == 42 else { return nil }
    }

    func orientation() -> Orientation? {
        guard let directory = uint32(at: 4), let entryCount = uint16(at: directory) else { return nil }
        for index in 0..<Int(entryCount) {
            let entry = directory + 2 + index * Self.entrySize
            guard let tag = uint16(at: entry) else { return nil }
            if tag == Self.orientationTag {
                guard uint16(at: entry + 2) == Self.shortType, let value = uint16(at: entry + 8) else {
                    return nil
                }
                return Orientation(rawValue: value)
            }
        }
        return nil
    }

    /// `offset` counts from the TIFF header.
    private func uint16(at offset: Int) -> UInt16? {
        guard offset >= 0, offset <= bytes.count - start - 2 else { return nil }
        let (first, second) = (UInt16(bytes[start + offset]), UInt16(bytes[start + offset + 1]))
        return isBigEndian ? first << 8 | second : second << 8 | first
    }

    private func uint32(at offset: Int) -> Int? {
        guard let first = uint16(at: offset), let second = uint16(at: offset + 2) else { return nil }
        return isBigEndian ? Int(first) << 16 | Int(second) : Int(second) << 16 | Int(first)
    }
}
