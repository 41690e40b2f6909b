import CPNG
import Glibc

/// PNG files in memory, for the protocols that take them.
package enum PNGBytes {
    /// libpng could not encode a picture.
    package struct EncodingError: Error, CustomStringConvertible {
        /// libpng's sentence.
        package let reason: String
        /// One sentence.
        package var description: String { "The picture could not be turned into PNG: \(reason)." }
    }

    /// The file.
    ///
    /// - Throws: `EncodingError`.
    package static func encode(_ image: PixelImage) throws -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: 256)
        let size = facechain_png_size(
            width: UInt32(image.width), height: UInt32(image.height), channels: 4)
        let isDone = facechain_png_encode(image.rgba, size, nil, 0, &bytes, &count, &message)
        guard isDone, let bytes else {
            throw EncodingError(
                reason: message.withUnsafeBufferPointer { text in
                    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                })
        }
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
