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

    @Test func everybodyInATemplateIsRead() async throws {
        try writeFairFace()
        var request = plain
        let person = PersonPhotos(photos: [House.astronaut])
        request.template = TemplateChoice(picture: House.astronaut, faces: [.init(number: 1, person: person)])
        let settings = try await portrait(request).portrait.settings
        #expect(settings.personWords?.count == 1)
        #expect(settings.prompt.hasPrefix("a handsome man, 25-year-old, \(prompt)"))
    }

    @Test func aBrokenFileIsNamed() async throws {
        let file = perception.appendingPathComponent("fairface.pt")
        try Data("hello".utf8).write(to: file)
        let error = await #expect(throws: (any Error).self) { try await portrait(plain) }
        #expect(error.map { "\($0)".contains(file.path) } ?? false)
    }
}
