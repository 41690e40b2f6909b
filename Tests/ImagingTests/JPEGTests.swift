import Imaging
import Testing

@Suite struct JPEGTests {
    /// Pillow carries a libjpeg-turbo of its own; versions may differ by one level in chroma upsampling.
    ///
    /// Its CMYK conversion rounds once more than ours.
    @Test(arguments: ["rgb-420", "rgb-444", "progressive", "restart", "gray", "cmyk"])
    func decodesLikePillow(_ name: String) throws {
        let image = try PictureFixture.image("\(name).jpg")
        #expect(image.width == 37 && image.height == 29 && image.channels == .rgb)
        let difference = try largestDifference(image.pixels, PictureFixture.bytes("\(name).raw"))
        #expect(difference.map { $0 <= 1 } == true, "\(name): \(difference ?? -1)")
    }

    @Test(arguments: 1...8) func turnsPicturesUpright(_ orientation: Int) throws {
        let image = try PictureFixture.image("orientation\(orientation).jpg")
        #expect(image.width == (orientation < 5 ? 24 : 16))
        let difference = try largestDifference(
            image.pixels, PictureFixture.bytes("orientation\(orientation).raw"))
        #expect(difference.map { $0 <= 1 } == true)
    }

    @Test func comesBackAlmostAsItWas() throws {
        let image = try PictureFixture.image("portrait.png")
        let bytes = try ImageFile.encodeJPEG(image, quality: 95, origin: .trainedAlgorithmicMedia)
        let again = try ImageFile.decode(bytes, name: "memory")
        let squares = zip(image.pixels, again.pixels).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) - Double(pair.1)
            return sum + difference * difference
        }
        // Quality 95 without chroma subsampling: about 40 dB on this picture, 30 with the channels swapped.
        #expect(squares / Double(image.pixels.count) < 25)
        #expect(try ImageFile.encodeJPEG(image, quality: 95, origin: .trainedAlgorithmicMedia) == bytes)
        #expect(bytes.contains(Array("http://ns.adobe.com/xap/1.0/\0<?xpacket".utf8)))
        #expect(bytes.contains(Array("digitalsourcetype/trainedAlgorithmicMedia\"".utf8)))
    }

    @Test func refusesTruncatedData() throws {
        let bytes = try PictureFixture.bytes("rgb-420.jpg")
        #expect(
            throws: ImagingError.damaged(
                file: "cut.jpg", format: "JPEG", reason: "Premature end of JPEG file")
        ) {
            try ImageFile.decode(Array(bytes.prefix(bytes.count * 2 / 3)), name: "cut.jpg")
        }
    }
}

@Suite struct EXIFTests {
    private func orientation(_ bytes: [UInt8]) -> Orientation {
        bytes.withUnsafeBufferPointer { EXIF.orientation(in: $0) }
    }

    private static let little: [UInt8] =
        Array("Exif\0\0II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0]

    @Test func readsBothByteOrders() {
        let big: [UInt8] = Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 5, 0, 0]
        #expect(orientation(Self.little) == .leftBottom)
        #expect(orientation(big) == .leftTop)
    }

    @Test func everyPrefixAndEveryChangedByteIsHarmless() {
        for count in 0..<Self.little.count {
            let cut = orientation(Array(Self.little.prefix(count)))
            #expect(cut == .topLeft || count >= 26)
        }
        for index in Self.little.indices {
            for value in UInt8.min...UInt8.max {
                var bytes = Self.little
                bytes[index] = value
                _ = orientation(bytes)
            }
        }
    }

    @Test(arguments: [0, 9, 255]) func ignoresOrientationsThatDoNotExist(_ value: UInt8) {
        var bytes = Self.little
        bytes[bytes.count - 4] = value
        #expect(orientation(bytes) == .topLeft)
    }
}
