import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

/// People put into pictures, on a complete model of tiny networks; faces are found by the shipped detector.
@Suite struct TemplateTests {
    private let studio: PortraitStudio
    private let folder: TemporaryDirectory
    private let group: Image
    private let template: URL

    init() throws {
        studio = try House.studio()
        folder = try TemporaryDirectory()
        // One woman three times, the middle one smaller: heads and shoulders of the photo.
        let head = try ImageFile.read(House.astronaut.path).cropped(x: 100, y: 20, width: 250, height: 250)
        group = Image(width: 700, height: 280, channels: .rgb, filledWith: [120, 130, 140])
            .overlaid(with: head, x: 0, y: 20)
            .overlaid(with: head.resized(width: 190, height: 190, filter: .area), x: 255, y: 60)
            .overlaid(with: head, x: 450, y: 10)
        template = URL(fileURLWithPath: folder.file("group.png"))
        try ImageFile.writePNG(group, texts: [], to: template.path, ifExists: .replace)
    }

    private func request(_ faces: [Int]) throws -> PortraitRequest {
        var request = PortraitRequest(photos: [], seed: 7)
        request.models.base = try House.tinyModel()
        request.prompt = "a portrait of a person"
        request.template = TemplateChoice(
            picture: template,
            faces: faces.map { .init(number: $0, person: PersonPhotos(photos: [House.astronaut])) })
        return request
    }

    private func portraits(_ request: PortraitRequest) async throws -> [Portrait] {
        try await studio.finishedPortraits(of: request)
    }

    private func painted(_ request: PortraitRequest) async throws -> Portrait {
        try #require(try await portraits(request).first)
    }

    /// Columns in which anything differs from the group picture.
    private func changedColumns(_ image: Image) -> Set<Int> {
        var columns: Set<Int> = []
        for (index, pair) in zip(image.pixels, group.pixels).enumerated() where pair.0 != pair.1 {
            columns.insert(index / 3 % image.width)
        }
        return columns
    }

    @Test func onlyTheChosenFaceChanges() async throws {
        let portrait = try await painted(request([2]))
        #expect(portrait.image.width == group.width && portrait.image.height == group.height)
        let changed = changedColumns(portrait.image)
        // The middle woman's face is about 66 pixels wide around column 345.
        #expect(changed.count > 40 && changed.count < 110, "\(changed.count) columns")
        #expect(changed.allSatisfy { (280..<410).contains($0) })
        #expect(portrait.settings.template?.faces == [2])
        #expect(portrait.settings.template?.name == "group")
    }

    @Test func severalFacesChangeInOneJob() async throws {
        let changed = changedColumns(try await painted(request([1, 3])).image)
        #expect(changed.contains { $0 < 200 })
        #expect(changed.contains { $0 > 500 })
        #expect(!changed.contains { (270..<440).contains($0) })
    }

    @Test func equalRequestsGiveEqualPicturesAndOthersDoNot() async throws {
        let first = try await painted(request([1])).image
        #expect(try await painted(request([1])).image == first)
        var other = try request([1])
        other.seed = 8
        #expect(try await painted(other).image != first)
        var thorough = try request([1])
        thorough.template?.strength = 1
        #expect(try await painted(thorough).image != first)
    }

    @Test func everyPictureOfAJobIsAWholeTemplate() async throws {
        var request = try request([1])
        request.count = 2
        let portraits = try await portraits(request)
        #expect(portraits.map(\.image.width) == [group.width, group.width])
        #expect(portraits.map(\.settings.seed) == [7, 8])
        #expect(portraits[0].image != portraits[1].image)
    }

    @Test func stepsAreCountedOverAllWalks() async throws {
        var last: PortraitProgress?
        for try await event in studio.portraits(for: try request([1, 3])) {
            if case .progress(let progress) = event, progress.stage == .denoising {
                #expect(progress.step >= last?.step ?? 0)
                last = progress
            }
        }
        let final = try #require(last)
        #expect(final.step == final.of)
    }

    /// The face that is redrawn stands behind two others; what it covers of their heads was painted over once.
    @Test func whoeverStandsBeforeAFaceIsNotPaintedOver() async throws {
        var request = try request([2])
        let family = House.folder.appendingPathComponent("Templates/family-beach.png")
        request.template?.picture = family
        let (before, after) = (try ImageFile.read(family.path), try await painted(request).image)
        func pixel(_ image: Image, _ x: Int, _ y: Int) -> ArraySlice<UInt8> {
            let start = 3 * (y * image.width + x)
            return image.pixels[start..<start + 3]
        }
        // The face of whoever becomes somebody else; the white hair of both in front.
        #expect(pixel(after, 268, 171) != pixel(before, 268, 171))
        for (x, y) in [(222, 233), (232, 235), (240, 238), (281, 257)] {
            let change = zip(pixel(after, x, y), pixel(before, x, y)).map { abs(Int($0) - Int($1)) }.max()
            // Heads have a soft edge; the paint of old made differences of 115 to 196.
            #expect(change ?? 255 < 16, "\(x), \(y)")
        }
    }

    /// Where the face behind would go on if it were not hidden, the one in front is redrawn like everywhere else.
    @Test func whoeverStandsBehindTakesNothingFromAFace() async throws {
        let photo = try ImageFile.read(House.astronaut.path)
        let pair = Image(width: 420, height: 330, channels: .rgb, filledWith: [120, 130, 140])
            .overlaid(with: photo.cropped(x: 100, y: 20, width: 250, height: 250), x: 0, y: 0)
            .overlaid(with: photo.cropped(x: 140, y: 30, width: 160, height: 200), x: 110, y: 60)
        let file = folder.file("pair.png")
        try ImageFile.writePNG(pair, texts: [], to: file, ifExists: .replace)
        var request = try request([2])
        request.template?.picture = URL(fileURLWithPath: file)
        let after = try await painted(request).image
        // The cheek in front, over the hidden chin; where its outline ends nobody knows to the pixel.
        let cheek = 3 * (126 * pair.width + 165)
        #expect(after.pixels[cheek..<cheek + 3] != pair.pixels[cheek..<cheek + 3])
    }

    @Test(arguments: [0, 4, -1]) func aNumberThatIsNoFaceIsRefused(number: Int) async throws {
        let error = await #expect(throws: PortraitError.self) { try await portraits(request([number])) }
        #expect("\(try #require(error))".contains("has 3 faces, so there is no face \(number)"))
    }

    @Test func aTemplateWithoutFacesIsRefused() async throws {
        let blank = folder.file("blank.png")
        try ImageFile.writePNG(
            Image(width: 200, height: 200, channels: .rgb, filledWith: [90, 120, 90]), texts: [], to: blank,
            ifExists: .replace)
        var request = try request([1])
        request.template?.picture = URL(fileURLWithPath: blank)
        let error = await #expect(throws: PortraitError.self) { try await portraits(request) }
        #expect("\(try #require(error))".contains("no face was found, so there is nobody"))
    }

    @Test func somebodyMustBeChosen() async throws {
        let error = await #expect(throws: PortraitError.self) { try await portraits(request([])) }
        #expect("\(try #require(error))".contains("choose a face to redraw"))
    }
}
