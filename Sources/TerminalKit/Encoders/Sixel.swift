import CSixel
import Synchronization

/// Pictures as sixel, the graphics of DEC's terminals (VT330/VT340 manual, chapter 14), by libsixel.
public enum Sixel {
    /// libsixel could not encode a picture.
    public struct EncodingError: Error, Equatable, CustomStringConvertible {
        /// libsixel's status number.
        public let status: Int32
        /// One sentence.
        public var description: String {
            "The picture could not be turned into sixel (libsixel status \(status))."
        }
    }

    /// libsixel builds its palettes in global variables.
    private static let paletteLock = Mutex(())

    /// Encodes a picture, transparent parts black, with a palette of up to 256 colours and error diffusion.
    ///
    /// The result begins with DCS and ends with ST. Pixels the picture leaves out keep what they show.
    public static func encode(_ image: PixelImage) throws -> [UInt8] {
        let sink = ByteSink()
        var output: OpaquePointer?
        let write: sixel_write_function = { bytes, count, context in
            guard let bytes, let context else { return -1 }
            let sink = Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
            sink.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        try check(sixel_output_new(&output, write, Unmanaged.passUnretained(sink).toOpaque(), nil))
        defer { sixel_output_unref(output) }
        sixel_output_set_skip_dcs_envelope(output, 1)

        var dither: OpaquePointer?
        try check(sixel_dither_new(&dither, 256, nil))
        defer { sixel_dither_unref(dither) }
        var pixels = image.rgbOverBlack()  // error diffusion writes into it
        let (width, height) = (Int32(image.width), Int32(image.height))
        try withExtendedLifetime(sink) {
            try pixels.withUnsafeMutableBufferPointer { pixels in
                try paletteLock.withLock { _ in
                    try check(
                        sixel_dither_initialize(
                            dither, pixels.baseAddress, width, height, Int32(SIXEL_PIXELFORMAT_RGB888),
                            Int32(SIXEL_LARGE_LUM), Int32(SIXEL_REP_AVERAGE_COLORS), Int32(SIXEL_QUALITY_HIGH)
                        ))
                }
                sixel_dither_set_diffusion_type(dither, Int32(SIXEL_DIFFUSE_FS))
                try check(sixel_encode(pixels.baseAddress, width, height, 3, dither, output))
            }
        }
        // libsixel's part begins with `q` and the raster attributes; P2 = 1 leaves the background alone.
        return Array("\u{1B}P0;1;0".utf8) + sink.bytes + Array("\u{1B}\\".utf8)
    }

    private static func check(_ status: Int32) throws {
        // SIXEL_SUCCEEDED: failures have bit 12 set (sixel.h).
        guard status & 0x1000 == 0 else { throw EncodingError(status: status) }
    }

    private final class ByteSink {
        var bytes: [UInt8] = []
    }
}
