import Imaging
import Testing

@Suite struct PNGTests {
    /// Every colour type and depth of the PNG specification, plain and interlaced.
    static let kinds =
        [
            "gray1", "gray2", "gray4", "gray8", "gray16", "rgb8", "rgb16", "palette1", "palette2", "palette4",
            "palette8",
            "grayalpha8", "grayalpha16", "rgba8", "rgba16",
        ].flatMap { [$0, "\($0)-interlaced"] } + ["palette2-transparent", "gray4-transparent"]

    /// The expected bytes come from the unpacked samples by NumPy.
    ///
    /// 16-bit samples may round either way at ties.
    @Test(arguments: kinds) func decodesEveryKind(_ name: String) throws {
        let image = try PictureFixture.image("\(name).png")
        #expect(image.width == 13 && image.height == 11)
        let difference = try largestDifference(image.pixels, PictureFixture.bytes("\(name).raw"))
        #expect(difference.map { $0 <= (name.contains("16") ? 1 : 0) } == true)
    }

    @Test func readsTextsBeforeAndAfterThePixels() throws {
        let file = try ImageFile.readPNG(PictureFixture.path("texts.png"))
        #expect(
            file.texts == [
                PNGText(keyword: "parameters", text: "café, Steps: 20"),
                PNGText(keyword: "Comment", text: String(repeating: "packed ", count: 40)),
                PNGText(keyword: "facechain", text: #"{"prompt":"肖像 🙂"}"#),
                PNGText(keyword: "prompt", text: "größer ✓"),
            ])
    }

    @Test func appliesTheOrientationOfPNG() throws {
        let image = try PictureFixture.image("texts.png")
        // Stored as one column of two pixels, to be turned right by a quarter.
        #expect(image == Image(width: 2, height: 1, channels: .rgb, pixels: [1, 2, 3, 200, 100, 50]))
    }

    @Test func dropsATextThatInflatesWithoutBound() throws {
        let file = try ImageFile.readPNG(PictureFixture.path("text-bomb.png"))
        #expect(file.texts.isEmpty)
        #expect(file.image.pixels == [200, 100, 50, 1, 2, 3])
    }

    @Test(arguments: [Image.Channels.rgb, .rgba]) func comesBackAsItWas(_ channels: Image.Channels) throws {
        let pixels = (0..<31 * 17 * channels.rawValue).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let image = Image(width: 31, height: 17, channels: channels, pixels: pixels)
        let texts = [
            PNGText(keyword: "parameters", text: "a man, naïve\nNegative prompt: blurry\nSteps: 20"),
            PNGText(keyword: "facechain", text: #"{"prompt":"肖像, \"Steps: 99\""}"#),
            PNGText(keyword: "empty", text: ""),
            PictureOrigin.trainedAlgorithmicMedia.pngText,
        ]
        let bytes = try ImageFile.encodePNG(image, texts: texts)
        let file = try ImageFile.decodePNG(bytes, name: "memory")
        #expect(file.image == image)
        #expect(file.texts == texts)
        #expect(try ImageFile.encodePNG(image, texts: texts) == bytes)
    }

    @Test func storesLatin1AsTextAndTheRestAsUTF8() throws {
        let image = Image(width: 1, height: 1, channels: .rgb, filledWith: [1, 2, 3])
        let bytes = try ImageFile.encodePNG(
            image, texts: [PNGText(keyword: "parameters", text: "é"), PNGText(keyword: "other", text: "肖")])
        #expect(bytes.contains(Array("tEXtparameters\0".utf8) + [0xE9]))
        #expect(bytes.contains(Array("iTXtother\0\0\0\0\0肖".utf8)))
    }

    @Test(arguments: ["", "a\0b", String(repeating: "k", count: 80), "肖"])
    func refusesKeywordsThatPNGCannotHold(_ keyword: String) throws {
        let image = Image(width: 1, height: 1, channels: .rgb, filledWith: [1, 2, 3])
        #expect(throws: ImagingError.self) {
            try ImageFile.encodePNG(image, texts: [PNGText(keyword: keyword, text: "text")])
        }
    }

    @Test func labelsGeneratedPictures() throws {
        let packet = PictureOrigin.trainedAlgorithmicMedia.xmpPacket
        #expect(
            packet.contains(
                "Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/"
                    + "trainedAlgorithmicMedia\""))
    }
}

extension [UInt8] {
    func contains(_ part: [UInt8]) -> Bool {
        part.count <= count && (0...count - part.count).contains { self[$0...].starts(with: part) }
    }
}
