/// Reading and writing picture files.
public enum ImageFile {
    /// What to do when the file to be written exists.
    public enum ExistingFile: Sendable {
        /// The new picture takes its place in one step.
        case replace
        /// Writing fails with `ImagingError.alreadyExists`.
        case keep
    }

    /// Reads a PNG or JPEG picture, upright as its EXIF orientation says.
    ///
    /// All other metadata is dropped.
    ///
    /// The format is told by the file's bytes, never by its name.
    /// - Throws: `ImagingError`, naming the file.
    public static func read(_ path: String) throws(ImagingError) -> Image {
        try decode(FileBytes.read(path), name: path)
    }

    /// Decodes a PNG or JPEG picture in memory.
    ///
    /// - Parameter name: what messages call the picture.
    public static func decode(_ bytes: [UInt8], name: String) throws(ImagingError) -> Image {
        switch ImageFormat(firstBytes: bytes) {
        case .png:
            try withBuffer(bytes) { buffer throws(ImagingError) in try PNGCodec.decode(buffer, name: name) }
                .image
        case .jpeg:
            try withBuffer(bytes) { buffer throws(ImagingError) in try JPEGCodec.decode(buffer, name: name) }
        case .unsupported(let format): throw .unsupportedFormat(file: name, format: format)
        case nil: throw bytes.isEmpty ? .empty(file: name) : .notAPicture(file: name)
        }
    }

    /// Reads a PNG file with its texts.
    ///
    /// They come from a stranger: escape them before showing them.
    public static func readPNG(_ path: String) throws(ImagingError) -> PNGFile {
        try decodePNG(FileBytes.read(path), name: path)
    }

    /// Decodes a PNG file in memory with its texts.
    public static func decodePNG(_ bytes: [UInt8], name: String) throws(ImagingError) -> PNGFile {
        switch ImageFormat(firstBytes: bytes) {
        case .png:
            try withBuffer(bytes) { buffer throws(ImagingError) in try PNGCodec.decode(buffer, name: name) }
        case .jpeg: throw .unsupportedFormat(file: name, format: "JPEG")
        case .unsupported(let format): throw .unsupportedFormat(file: name, format: format)
        case nil: throw bytes.isEmpty ? .empty(file: name) : .notAPicture(file: name)
        }
    }

    /// Encodes a PNG file.
    ///
    /// Equal arguments give equal bytes.
    ///
    /// - Throws: `ImagingError.unwritable` if a text holds NUL or a keyword is not 1 to 79 Latin-1 characters.
    public static func encodePNG(_ image: Image, texts: [PNGText]) throws(ImagingError) -> [UInt8] {
        try PNGCodec.encode(image, texts: texts, name: "The picture")
    }

    /// Encodes a JPEG file with full colour resolution; transparent parts become white.
    ///
    /// - Parameter quality: 1 to 100, libjpeg's scale.
    public static func encodeJPEG(_ image: Image, quality: Int, origin: PictureOrigin) throws(ImagingError)
        -> [UInt8]
    {
        let opaque = image.flattened(onto: [255, 255, 255])
        return try JPEGCodec.encode(opaque, quality: quality, xmp: origin.xmpPacket, name: "The picture")
    }

    /// Writes a PNG file: wholly or not at all.
    public static func writePNG(
        _ image: Image, texts: [PNGText], to path: String, ifExists: ExistingFile
    ) throws(ImagingError) {
        let bytes = try PNGCodec.encode(image, texts: texts, name: path)
        try FileBytes.write(bytes, to: path, ifExists: ifExists)
    }

    /// Writes a JPEG file: wholly or not at all.
    public static func writeJPEG(
        _ image: Image, quality: Int, origin: PictureOrigin, to path: String, ifExists: ExistingFile
    ) throws(ImagingError) {
        let bytes = try encodeJPEG(image, quality: quality, origin: origin)
        try FileBytes.write(bytes, to: path, ifExists: ifExists)
    }

    private static func withBuffer<Result>(
        _ bytes: [UInt8], _ body: (UnsafeBufferPointer<UInt8>) throws(ImagingError) -> Result
    ) throws(ImagingError) -> Result {
        try bytes.withUnsafeBufferPointer(body)
    }
}
