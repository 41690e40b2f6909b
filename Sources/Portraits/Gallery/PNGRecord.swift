import Foundation

/// Finds one text in a PNG file without decoding the picture (PNG specification §5.3 and §11.3.4).
///
/// A gallery of thousands is read in this way; files of other programs, which may hold their texts behind the pixels or
/// compressed, simply have no record of ours.
enum PNGRecord {
    /// Texts stand before the pixels; ours are a few kilobytes.
    private static let byteLimit = 1 << 20
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The text of that keyword in the chunks before the pixels.
    static func text(keyword: String, in file: URL) -> String? {
        guard let handle = try? FileHandle(forReadingFrom: file) else { return nil }
        defer { try? handle.close() }
        guard let bytes = try? handle.read(upToCount: byteLimit) else { return nil }
        return text(keyword: keyword, in: Array(bytes))
    }

    /// The same for the beginning of a file.
    static func text(keyword: String, in bytes: [UInt8]) -> String? {
        guard bytes.starts(with: signature) else { return nil }
        var rest = bytes[signature.count...]
        while rest.count >= 12 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let type = rest.dropFirst(4).prefix(4)
            let body = rest.dropFirst(8).prefix(length)
            guard body.count == length, !type.elementsEqual("IDAT".utf8) else { return nil }
            if let text = text(keyword: keyword, ofChunk: type, body) { return text }
            rest = rest.dropFirst(12 + length)
        }
        return nil
    }

    private static func text(
        keyword: String, ofChunk type: ArraySlice<UInt8>, _ body: ArraySlice<UInt8>
    ) -> String? {
        guard body.starts(with: Array(keyword.utf8) + [0]) else { return nil }
        let rest = body.dropFirst(keyword.utf8.count + 1)
        if type.elementsEqual("tEXt".utf8) {
            // Latin-1: each byte is its character's number.
            return String(String.UnicodeScalarView(rest.map { Unicode.Scalar($0) }))
        }
        guard type.elementsEqual("iTXt".utf8), rest.first == 0 else { return nil }
        // Compression flag and method, language, translated keyword, text.
        let fields = rest.dropFirst(2).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        return fields.count == 3 ? String(decoding: fields[2], as: UTF8.self) : nil
    }
}
