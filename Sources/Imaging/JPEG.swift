import CJPEG
import Glibc

enum JPEGCodec {
    /// Decodes grey, YCbCr, RGB, CMYK and YCCK files to upright RGB.
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImagingError) -> Image {
        guard let reader = facechain_jpeg_reader_create(bytes.baseAddress, bytes.count) else {
            throw .damaged(file: name, format: "JPEG", reason: "out of memory")
        }
        defer { facechain_jpeg_reader_destroy(reader) }
        var (width, height): (UInt32, UInt32) = (0, 0)
        guard facechain_jpeg_reader_read_header(reader, &width, &height) else { throw damaged(reader, name) }
        try ImageLimits.check(width: Int(width), height: Int(height), name: name)

        let orientation = orientation(reader)
        let byteCount = Int(width) * Int(height) * 3
        var succeeded = false
        let pixels = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            buffer.initialize(repeating: 0)
            succeeded = facechain_jpeg_reader_read_pixels(reader, buffer.baseAddress)
            count = byteCount
        }
        guard succeeded else { throw damaged(reader, name) }
        let image = Image(width: Int(width), height: Int(height), channels: .rgb, pixels: pixels)
        return image.upright(from: orientation)
    }

    private static func damaged(_ reader: OpaquePointer, _ name: String) -> ImagingError {
        .damaged(file: name, format: "JPEG", reason: String(cString: facechain_jpeg_reader_message(reader)))
    }

    private static func orientation(_ reader: OpaquePointer) -> Orientation {
        var count = 0
        guard let exif = facechain_jpeg_reader_exif(reader, &count) else { return .topLeft }
        return EXIF.orientation(in: UnsafeBufferPointer(start: exif, count: count))
    }

    /// Encodes a picture without opacity, colour at full resolution.
    ///
    /// Equal arguments give equal bytes.
    ///
    /// - Parameter xmp: an XMP packet (XMP specification part 3, §1.1.3); at most 65,504 bytes.
    static func encode(_ image: Image, quality: Int, xmp: String, name: String) throws(ImagingError)
        -> [UInt8]
    {
        precondition(image.channels == .rgb, "JPEG has no opacity: flatten the picture first")
        precondition((1...100).contains(quality), "JPEG quality is 1...100, not \(quality)")
        let segmentBytes = Array("http://ns.adobe.com/xap/1.0/\0".utf8) + Array(xmp.utf8)
        precondition(segmentBytes.count <= 65_533, "An XMP packet fits one JPEG segment")
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let message = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
        defer { message.deallocate() }
        let succeeded = segmentBytes.withUnsafeBufferPointer { buffer in
            var segment = facechain_jpeg_segment(bytes: buffer.baseAddress, count: buffer.count)
            return facechain_jpeg_encode(
                image.pixels, UInt32(image.width), UInt32(image.height), Int32(quality), &segment, 1,
                &bytes, &count, message)
        }
        guard succeeded else { throw .unwritable(file: name, reason: String(cString: message)) }
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
