import CPNG
import Glibc

/// A named text inside a PNG file (chunks tEXt, zTXt and iTXt; PNG specification §11.3.4).
public struct PNGText: Sendable, Equatable {
    /// 1 to 79 Latin-1 characters.
    public let keyword: String
    /// Any text without NUL.
    public let text: String

    /// Names a text.
    public init(keyword: String, text: String) {
        self.keyword = keyword
        self.text = text
    }
}

/// A decoded PNG file.
public struct PNGFile: Sendable, Equatable {
    /// The pixels: RGBA when the file has any transparency, else RGB.
    public let image: Image
    /// The texts, in the file's order.
    public let texts: [PNGText]
}

enum PNGCodec {
    /// Decodes every colour type, bit depth and interlace to 8-bit RGB or RGBA.
    ///
    /// Gamma and colour profiles are ignored, as the models' own training data ignored them.
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImagingError) -> PNGFile {
        guard
            let reader = facechain_png_reader_create(
                bytes.baseAddress, bytes.count, UInt32(ImageLimits.side))
        else { throw .damaged(file: name, format: "PNG", reason: "out of memory") }
        defer { facechain_png_reader_destroy(reader) }
        try checkDeclaredSize(bytes, name: name)

        var size = facechain_png_size()
        guard facechain_png_reader_read_header(reader, &size),
            let channels = Image.Channels(rawValue: Int(size.channels))
        else { throw damaged(reader, name) }
        let byteCount = Int(size.width) * Int(size.height) * channels.rawValue
        var succeeded = false
        let pixels = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            buffer.initialize(repeating: 0)
            succeeded = facechain_png_reader_read_pixels(reader, buffer.baseAddress)
            count = byteCount
        }
        guard succeeded else { throw damaged(reader, name) }
        let image = Image(
            width: Int(size.width), height: Int(size.height), channels: channels, pixels: pixels)
        return PNGFile(image: image.upright(from: orientation(reader)), texts: texts(reader))
    }

    /// The IHDR chunk is always first and of fixed layout, so the limits need no decoder.
    private static func checkDeclaredSize(_ bytes: UnsafeBufferPointer<UInt8>, name: String)
        throws(ImagingError)
    {
        guard bytes.count >= 24, bytes[12..<16].elementsEqual("IHDR".utf8) else { return }
        let width = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
        let height = bytes[20..<24].reduce(0) { $0 << 8 | Int($1) }
        try ImageLimits.check(width: width, height: height, name: name)
    }

    private static func damaged(_ reader: OpaquePointer, _ name: String) -> ImagingError {
        .damaged(file: name, format: "PNG", reason: String(cString: facechain_png_reader_message(reader)))
    }

    private static func orientation(_ reader: OpaquePointer) -> Orientation {
        var count = 0
        guard let exif = facechain_png_reader_exif(reader, &count) else { return .topLeft }
        return EXIF.orientation(in: UnsafeBufferPointer(start: exif, count: count))
    }

    private static func texts(_ reader: OpaquePointer) -> [PNGText] {
        (0..<facechain_png_reader_text_count(reader)).map { index in
            let chunk = facechain_png_reader_text(reader, index)
            let keyword = UnsafeRawBufferPointer(start: chunk.keyword, count: strlen(chunk.keyword))
            let bytes = UnsafeRawBufferPointer(start: chunk.text, count: chunk.text_length)
            return PNGText(
                keyword: String(latin1: keyword),
                text: chunk.is_utf8 ? String(decoding: bytes, as: UTF8.self) : String(latin1: bytes))
        }
    }

    /// Encodes a picture.
    ///
    /// Equal arguments give equal bytes.
    static func encode(_ image: Image, texts: [PNGText], name: String) throws(ImagingError) -> [UInt8] {
        var strings: [UInt8] = []
        var spans: [TextSpan] = []
        for text in texts {
            guard let keyword = text.keyword.latin1Bytes, (1...79).contains(keyword.count),
                !keyword.contains(0), !text.text.utf8.contains(0)
            else {
                throw .unwritable(
                    file: name, reason: "its text \(text.keyword) cannot be stored in a PNG file")
            }
            let latin1 = text.text.latin1Bytes
            let bytes = latin1 ?? Array(text.text.utf8)
            spans.append(
                TextSpan(
                    keyword: strings.count, text: strings.count + keyword.count + 1, count: bytes.count,
                    isUTF8: latin1 == nil))
            strings += keyword + [0] + bytes + [0]
        }
        return try strings.withUnsafeBufferPointer { strings throws(ImagingError) in
            try encode(image, chunks: spans.map { $0.chunk(in: strings) }, name: name)
        }
    }

    private static func encode(
        _ image: Image, chunks: [facechain_png_text], name: String
    ) throws(ImagingError) -> [UInt8] {
        let size = facechain_png_size(
            width: UInt32(image.width), height: UInt32(image.height),
            channels: UInt32(image.channels.rawValue))
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let message = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
        defer { message.deallocate() }
        guard facechain_png_encode(image.pixels, size, chunks, chunks.count, &bytes, &count, message) else {
            throw .unwritable(file: name, reason: String(cString: message))
        }
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Where a text lies in the buffer that holds all of them.
    private struct TextSpan {
        let keyword: Int
        let text: Int
        let count: Int
        let isUTF8: Bool

        func chunk(in strings: UnsafeBufferPointer<UInt8>) -> facechain_png_text {
            let start = UnsafeRawPointer(strings.baseAddress)?.assumingMemoryBound(to: CChar.self)
            return facechain_png_text(
                keyword: start.map { $0 + keyword }, text: start.map { $0 + text }, text_length: count,
                is_utf8: isUTF8)
        }
    }
}

extension ImageLimits {
    static func check(width: Int, height: Int, name: String) throws(ImagingError) {
        guard width <= side, height <= side, width * height <= pixels else {
            throw .tooManyPixels(file: name, width: width, height: height)
        }
    }
}

extension String {
    /// ISO 8859-1: each byte is the Unicode scalar of the same number.
    init(latin1 bytes: UnsafeRawBufferPointer) {
        self = String(String.UnicodeScalarView(bytes.lazy.map { Unicode.Scalar($0) }))
    }

    /// The text as ISO 8859-1, or nil if it has characters beyond U+00FF.
    var latin1Bytes: [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in unicodeScalars {
            guard scalar.value <= 0xFF else { return nil }
            bytes.append(UInt8(scalar.value))
        }
        return bytes
    }
}
