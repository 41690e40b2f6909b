/// What the first bytes of a file say it is.
///
/// Names are not trusted.
enum ImageFormat: Equatable {
    case png
    case jpeg
    /// A picture format we know by sight only.
    case unsupported(String)

    /// - Returns: nil when the bytes begin like no picture format we know.
    init?(firstBytes bytes: some Collection<UInt8>) {
        func begins(at offset: Int, with signature: String) -> Bool {
            bytes.dropFirst(offset).starts(with: signature.utf8)
        }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if begins(at: 0, with: "RIFF") && begins(at: 8, with: "WEBP") {
            self = .unsupported("WebP")
        } else if begins(at: 4, with: "ftyp") {
            self = .unsupported(begins(at: 8, with: "avi") ? "AVIF" : "HEIC")
        } else if begins(at: 0, with: "GIF8") {
            self = .unsupported("GIF")
        } else if begins(at: 0, with: "BM") {
            self = .unsupported("BMP")
        } else if bytes.starts(with: [0x49, 0x49, 0x2A, 0x00])
            || bytes.starts(with: [0x4D, 0x4D, 0x00, 0x2A])
        {
            self = .unsupported("TIFF")
        } else if bytes.starts(with: [0xFF, 0x0A]) || begins(at: 4, with: "JXL ") {
            self = .unsupported("JPEG XL")
        } else if begins(at: 4, with: "jP  ") {
            self = .unsupported("JPEG 2000")
        } else if begins(at: 0, with: "8BPS") {
            self = .unsupported("Photoshop")
        } else {
            return nil
        }
    }
}
