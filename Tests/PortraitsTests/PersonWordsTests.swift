import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

/// Age and gender before the prompt, read by FairFace where a user has its weights.
@Suite struct PersonWordsTests {
    private let folder: TemporaryDirectory
    private let perception: URL
    private let studio: PortraitStudio
    private let plain: PortraitRequest
    private let prompt = "a portrait of a person, film noir"

    init() throws {
        folder = try TemporaryDirectory()
        perception = URL(fileURLWithPath: folder.file("facechain/perception"))
        try FileManager.default.createDirectory(at: perception, withIntermediateDirectories: true)
        studio = PortraitStudio(resources: try House.resources(userData: folder), threadCount: 2)
        var request = try House.astronautRequest()
        request.steps = 1
        request.negativePrompt = "blurry"
        plain = request
    }

    /// Weights to which everybody is a man from 20 to 29; of the seven answers about race one is the surest of all.
    private func writeFairFace() throws {
        var weights = try HandmadeWeights(shapesOf: "fairface")
        for (answer, value) in [(0, 50), (7, 5), (12, 5)] { weights["fc.bias", answer] = Float(value) }
        try weights.write(to: perception.appendingPathComponent("res34_fair_align_multi_7_20190809.pt"))
    }

    private func portrait(_ request: PortraitRequest) async throws -> (portrait: Portrait, notices: [String])
    {
        let result = try await studio.result(of: request)
        return (try #require(result.portraits.first), result.notices)
    }

    @Test func whatIsReadStandsBeforeThePromptAndIsSaid() async throws {
        try writeFairFace()
        let (portrait, notices) = try await portrait(plain)
        let settings = portrait.settings
        #expect(settings.prompt.hasPrefix("a handsome man, 25-year-old, \(prompt)"))
        #expect(settings.negativePrompt == "blurry, children")
        #expect(notices.contains("FairFace puts before the prompt: a handsome man, 25-year-old."))
        let file = URL(fileURLWithPath: folder.file("portrait.png"))
        try portrait.writePNG(to: file)
        let texts = try ImageFile.readPNG(file.path).texts
        let json = try #require(texts.first { $0.keyword == "facechain" }).text
        let recorded = try JSONDecoder().decode(PortraitSettings.self, from: Data(json.utf8)).personWords
        #expect(
            recorded == [
                PersonWords(prefix: "a handsome man, 25-year-old", avoided: "children", reader: "FairFace")
            ])
        let infotext = try #require(texts.first { $0.keyword == "parameters" }).text
        #expect(infotext.hasPrefix("a handsome man, 25-year-old, \(prompt)"))
    }

    @Test func theWordsChangeThePicture() async throws {
        let silent = try await portrait(plain).portrait
        #expect(silent.settings.personWords == nil && silent.settings.prompt.hasPrefix(prompt))
        try writeFairFace()
        #expect(try await portrait(plain).portrait.image != silent.image)
        var request = plain
        request.promptPrefix = ""
        let none = try await portrait(request)
        #expect(none.portrait.image == silent.image && none.portrait.settings == silent.settings)
        #expect(!none.notices.contains { $0.contains("FairFace") })
    }

    @Test func ownWordsTakeTheirPlace() async throws {
        try writeFairFace()
        var request = plain
        request.promptPrefix = "an old sailor"
        let settings = try await portrait(request).portrait.settings
        #expect(settings.prompt.hasPrefix("an old sailor, \(prompt)") && settings.negativePrompt == "blurry")
        #expect(settings.personWords == [PersonWords(prefix: "an old sailor")])
    }

    @Test func nobodyInParticularHasNoAge() async throws {
        try writeFairFace()
        var request = plain
        request.identity.weight = 0
        #expect(try await portrait(request).portrait.settings.personWords == nil)
    }

    /// Weights to which bright faces are men and dark ones women, all from 20 to 29: red passes through all layers, from
    /// which the last one takes its mean.
    private func writeFairFaceForBrightness() throws {
        var weights = try HandmadeWeights(shapesOf: "fairface")
        weights.setMiddle(of: "conv1", output: 0, input: 0, to: 1)
        let downsamplings = (2...4).map { "layer\($0).0.downsample" }
        for layer in downsamplings { weights.setMiddle(of: "\(layer).0", output: 0, input: 0, to: 1) }
        for norm in ["bn1"] + downsamplings.map({ "\($0).1" }) {
            weights["\(norm).weight", 0] = 1
            weights["\(norm).running_var", 0] = 1
        }
        weights.setMiddle(of: "fc", output: 7, input: 0, to: 1)
        for (answer, value) in [(8, 0.5), (12, 5)] { weights["fc.bias", answer] = Float(value) }
        try weights.write(to: perception.appendingPathComponent("fairface.safetensors"))
    }

    @Test func everybodyInATemplateHasOwnWords() async throws {
        try writeFairFaceForBrightness()
        let photo = try ImageFile.read(House.astronaut.path).flattened(onto: [0, 0, 0])
        let dark = Image(
            width: photo.width, height: photo.height, channels: .rgb, pixels: photo.pixels.map { $0 / 3 })
        let head = photo.cropped(x: 100, y: 20, width: 250, height: 250)
        let couple = Image(width: 520, height: 260, channels: .rgb, filledWith: [120, 130, 140])
            .overlaid(with: head, x: 5, y: 5).overlaid(with: head, x: 265, y: 5)
        func write(_ image: Image, _ name: String) throws -> URL {
            try ImageFile.writePNG(image, texts: [], to: folder.file(name), ifExists: .replace)
            return URL(fileURLWithPath: folder.file(name))
        }
        let people = [House.astronaut, try write(dark, "dark.png")].map { PersonPhotos(photos: [$0]) }
        var request = plain
        request.template = TemplateChoice(
            picture: try write(couple, "couple.png"),
            faces: people.enumerated().map { .init(number: $0 + 1, person: $1) })
        let both = try await portrait(request).portrait
        #expect(
            both.settings.personWords?.map(\.prefix) == ["a handsome man, 25-year-old", "a beautiful woman"])
        #expect(both.settings.personWords?.map(\.avoided) == ["children", ""])
        #expect(both.settings.prompt.hasPrefix("a handsome man, 25-year-old, \(prompt)"))
        // The second face is drawn by the second words, not by those of the first.
        request.promptPrefix = "a handsome man, 25-year-old"
        request.negativePrompt = "blurry, children"
        let same = try await portrait(request).portrait.image
        func half(_ image: Image, _ x: Int) -> Image { image.cropped(x: x, y: 0, width: 260, height: 260) }
        #expect(half(both.image, 0) == half(same, 0) && half(both.image, 260) != half(same, 260))
    }

    @Test func aBrokenFileIsNamed() async throws {
        let file = perception.appendingPathComponent("fairface.pt")
        try Data("hello".utf8).write(to: file)
        let error = await #expect(throws: (any Error).self) { try await portrait(plain) }
        #expect(error.map { "\($0)".contains(file.path) } ?? false)
    }
}
