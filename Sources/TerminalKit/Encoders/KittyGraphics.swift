/// Pictures in kitty's protocol (its documentation, "Terminal graphics protocol").
package enum KittyGraphics {
    /// The longest piece of data in one sequence, which the protocol demands.
    private static let chunkLength = 4096

    /// Shows a PNG at the cursor, without an answer.
    ///
    /// - Parameters:
    ///   - payload: the file in Base64.
    ///   - id: a number by which the picture can be taken away; with it the cursor stays where it is, without it
    ///     the cursor goes behind the picture.
    package static func transmission(of payload: [UInt8], id: UInt32?) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(payload.count + payload.count / 100 + 100)
        for start in stride(from: 0, to: max(payload.count, 1), by: chunkLength) {
            let end = min(start + chunkLength, payload.count)
            let place = id.map { "C=1,i=\($0)," } ?? ""
            let keys = start == 0 ? "a=T,f=100,q=2,\(place)" : ""
            result += Array("\u{1B}_G\(keys)m=\(end < payload.count ? 1 : 0);".utf8)
            result += payload[start..<end]
            result += Array("\u{1B}\\".utf8)
        }
        return result
    }

    /// Takes a picture off the screen and out of the terminal's memory.
    package static func deletion(of id: UInt32) -> [UInt8] {
        Array("\u{1B}_Ga=d,d=I,i=\(id),q=2\u{1B}\\".utf8)
    }

    /// Takes all pictures away.
    package static let deletionOfAll = Array("\u{1B}_Ga=d,d=A,q=2\u{1B}\\".utf8)
}

/// Pictures in iTerm2's protocol (its documentation, "Inline Images Protocol").
package enum ITermImage {
    /// The sequence that shows a picture at the cursor, pixel for pixel, and leaves the cursor behind it.
    ///
    /// - Throws: `PNGBytes.EncodingError`.
    package static func encode(_ image: PixelImage) throws -> [UInt8] {
        let file = try PNGBytes.encode(image)
        let keys =
            "inline=1;size=\(file.count);width=\(image.width)px;height=\(image.height)px;"
            + "preserveAspectRatio=0"
        return Array("\u{1B}]1337;File=\(keys):".utf8) + Base64.encode(file) + [0x07]
    }
}
