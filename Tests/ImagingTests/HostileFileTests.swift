import Glibc
import Imaging
import TestSupport
import Testing

/// Damaged files end in a picture or in `ImagingError`, never in a crash.
@Suite struct HostileFileTests {
    static let files = [
        "rgb8.png", "palette4-interlaced.png", "rgba16.png", "texts.png", "orientation6.jpg", "cmyk.jpg",
        "progressive.jpg",
    ]

    private func survives(_ bytes: [UInt8]) -> Bool {
        do {
            let image = try ImageFile.decode(bytes, name: "test")
            return image.pixels.count == image.width * image.height * image.channels.rawValue
        } catch {
            return !error.description.isEmpty
        }
    }

    @Test(arguments: files) func everyPrefixIsRefused(_ name: String) throws {
        let bytes = try PictureFixture.bytes(name)
        for count in 0..<bytes.count - 1 {
            #expect(throws: ImagingError.self, "\(count) bytes") {
                try ImageFile.decode(Array(bytes.prefix(count)), name: name)
            }
        }
    }

    @Test(arguments: files) func everyFlippedByteIsSurvived(_ name: String) throws {
        let bytes = try PictureFixture.bytes(name)
        for index in bytes.indices {
            for pattern: UInt8 in [0xFF, 0x01, 0x80] {
                var damaged = bytes
                damaged[index] ^= pattern
                #expect(survives(damaged))
            }
        }
    }

    /// Checksums guard PNG chunks; with them made right again the damage reaches the decoder.
    @Test(arguments: files.filter { $0.hasSuffix("png") })
    func flippedBytesBehindRightChecksumsAreSurvived(_ name: String) throws {
        let bytes = try PictureFixture.bytes(name)
        for index in bytes.indices.dropFirst(8) {
            var damaged = bytes
            damaged[index] ^= 0x55
            repairChecksums(&damaged)
            #expect(survives(damaged))
        }
    }

    @Test func twoFilesInOneAreOnePicture() throws {
        let bytes = try PictureFixture.bytes("rgb-420.jpg")
        #expect(try ImageFile.decode(bytes + bytes, name: "test") == ImageFile.decode(bytes, name: "test"))
    }

    private func repairChecksums(_ bytes: inout [UInt8]) {
        var start = 8
        while start + 12 <= bytes.count {
            let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            let end = start + 8 + length
            guard end + 4 <= bytes.count else { return }
            let checksum = crc32(bytes[start + 4..<end])
            for byte in 0..<4 { bytes[end + byte] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * byte)) }
            start = end + 4
        }
    }

    private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
            }
        }
    }
}

@Suite struct FileTests {
    @Test func bytesDecideTheFormatNotTheName() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write(PictureFixture.bytes("rgb8.png"), to: "photo.jpg")
        #expect(try ImageFile.read(path) == PictureFixture.image("rgb8.png"))
    }

    @Test(arguments: [
        ("RIFF\0\0\0\0WEBPVP8 ", "WebP"), ("\0\0\0\u{18}ftypheic", "HEIC"), ("\0\0\0\u{18}ftypavif", "AVIF"),
        ("GIF89a", "GIF"), ("BM\0\0\0\0", "BMP"), ("II*\0", "TIFF"),
    ]) func otherFormatsAreToBeConverted(_ bytes: String, _ format: String) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write(bytes.utf8, to: "photo.png")
        #expect(throws: ImagingError.unsupportedFormat(file: path, format: format)) {
            try ImageFile.read(path)
        }
        #expect(
            ImagingError.unsupportedFormat(file: path, format: format).description
                == "\(path) is a \(format) picture; convert it to PNG or JPEG first.")
    }

    @Test func hugePicturesAreRefusedByTheirHeader() throws {
        let path = try PictureFixture.path("huge.png")
        #expect(throws: ImagingError.tooManyPixels(file: path, width: 16000, height: 16000)) {
            try ImageFile.read(path)
        }
        var jpeg = try PictureFixture.bytes("gray.jpg")
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(throws: ImagingError.tooManyPixels(file: "bomb", width: 65500, height: 65500)) {
            try ImageFile.decode(jpeg, name: "bomb")
        }
    }

    @Test func thingsThatAreNoFileAreRefused() throws {
        let folder = try TemporaryDirectory()
        #expect(throws: ImagingError.notAFile(file: folder.path)) { try ImageFile.read(folder.path) }
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: ImagingError.notAFile(file: pipe)) { try ImageFile.read(pipe) }
        let missing = "\(folder.path)/missing.png"
        #expect(throws: ImagingError.unreadable(file: missing, reason: "no such file or directory")) {
            try ImageFile.read(missing)
        }
        let empty = try folder.write([], to: "empty.png")
        #expect(throws: ImagingError.empty(file: empty)) { try ImageFile.read(empty) }
        let text = try folder.write("hello".utf8, to: "text.png")
        #expect(throws: ImagingError.notAPicture(file: text)) { try ImageFile.read(text) }
        let large = try folder.write([0x89], to: "large.png")
        #expect(truncate(large, ImageLimits.fileBytes + 1) == 0)
        #expect(throws: ImagingError.fileTooLarge(file: large, bytes: ImageLimits.fileBytes + 1)) {
            try ImageFile.read(large)
        }
    }

    @Test func writingLeavesOneWholeFile() throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/portrait.png"
        let image = try PictureFixture.image("portrait.png")
        try ImageFile.writePNG(image, texts: [], to: path, ifExists: .keep)
        #expect(try ImageFile.read(path) == image)
        let black = Image(width: 2, height: 2, channels: .rgb, filledWith: [0, 0, 0])
        #expect(throws: ImagingError.alreadyExists(file: path)) {
            try ImageFile.writePNG(black, texts: [], to: path, ifExists: .keep)
        }
        #expect(try ImageFile.read(path) == image)
        try ImageFile.writePNG(black, texts: [], to: path, ifExists: .replace)
        #expect(try ImageFile.read(path) == black)
        try ImageFile.writeJPEG(
            black, quality: 90, origin: .trainedAlgorithmicMedia, to: "\(folder.path)/b.jpg",
            ifExists: .replace)
        #expect(try folder.contents == ["b.jpg", "portrait.png"])
    }

    @Test func failedWritingLeavesNothing() throws {
        let folder = try TemporaryDirectory()
        let black = Image(width: 2, height: 2, channels: .rgb, filledWith: [0, 0, 0])
        let taken = "\(folder.path)/taken.png"
        #expect(mkdir(taken, 0o700) == 0)
        #expect(throws: ImagingError.unwritable(file: taken, reason: "is a directory")) {
            try ImageFile.writePNG(black, texts: [], to: taken, ifExists: .replace)
        }
        let nowhere = "\(folder.path)/nowhere/p.png"
        #expect(throws: ImagingError.unwritable(file: nowhere, reason: "no such file or directory")) {
            try ImageFile.writePNG(black, texts: [], to: nowhere, ifExists: .replace)
        }
        #expect(try folder.contents == ["taken.png"])
    }

    @Test(arguments: [
        (
            ImagingError.unreadable(file: "a.png", reason: "permission denied"),
            "a.png cannot be read: permission denied."
        ),
        (.notAFile(file: "dir"), "dir is not a file. Name a PNG or JPEG picture."),
        (.empty(file: "a.png"), "a.png is empty. Copy or download the picture again."),
        (
            .fileTooLarge(file: "a.png", bytes: 104_857_600),
            "a.png has 100 MiB; pictures up to 64 MiB are read. Save a smaller copy."
        ),
        (.notAPicture(file: "a.txt"), "a.txt is not a picture. Name a PNG or JPEG file."),
        (
            .unsupportedFormat(file: "a.webp", format: "WebP"),
            "a.webp is a WebP picture; convert it to PNG or JPEG first."
        ),
        (
            .tooManyPixels(file: "a.png", width: 20000, height: 9),
            "a.png measures 20000 x 9 pixels; pictures up to 16384 pixels a side and 64 megapixels are read. "
                + "Save a smaller copy."
        ),
        (
            .damaged(file: "a.jpg", format: "JPEG", reason: "Premature end of JPEG file"),
            "a.jpg is a damaged JPEG file: Premature end of JPEG file. Copy or download the picture again."
        ),
        (
            .unwritable(file: "a.png", reason: "no space left on device"),
            "a.png cannot be written: no space left on device."
        ),
        (.alreadyExists(file: "a.png"), "a.png exists already and was left alone. Choose another name."),
        (
            .unknownOutputFormat(file: "a.bmp"),
            "a.bmp names no picture format. Let the name end in .png, .jpg or .jpeg."
        ),
        (
            .pixelsNotFinite(count: 3),
            "The picture holds 3 values that are not numbers; the model's weights are probably damaged."
        ),
        (
            .degenerateLandmarks,
            "The five face landmarks do not span a face. Give left eye, right eye, nose and both mouth corners."
        ),
    ]) func everyErrorIsASentence(_ error: ImagingError, _ sentence: String) {
        #expect(error.description == sentence)
    }
}
