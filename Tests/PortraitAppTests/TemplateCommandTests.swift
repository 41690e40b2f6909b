import Foundation
import PortraitApp
import TestSupport
import Testing

/// `facechain template` through the whole program, on a tiny model of random weights.
@Suite struct TemplateCommandTests {
    private static let house = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private let folder: TemporaryDirectory
    private let model: URL

    init() throws {
        setenv("FACECHAIN_HOME", Self.house.path, 1)
        folder = try TemporaryDirectory()
        model = URL(fileURLWithPath: folder.file("model"))
        try FileManager.default.copyItem(
            at: Self.house.appendingPathComponent("Tests/PortraitsTests/Fixtures/tiny"), to: model)
        try FileManager.default.copyItem(
            atPath: Self.house.path + "/Templates/watercolour-meadow.png", toPath: folder.file("meadow.png"))
        let text = #"{"title":"M","author":"A","licence":"CC0","faces":1,"style":"film-noir"}"#
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("meadow.json")))
    }

    /// The words of the picture that is made, as its metadata has them.
    private func words(_ more: String...) async throws -> String {
        let output = folder.file("portrait.png")
        let photo = Self.house.appendingPathComponent("Examples/mira.png").path
        let arguments = [
            "template", "--template", folder.file("meadow.png"), "--face", "1=\(photo)", "--model",
            model.path,
            "--steps", "2", "--seed", "1", "--quiet", "--out", output,
        ]
        #expect(await FaceChain.run(arguments + more) == 0)
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self)
    }

    @Test func aStyleForAnotherModelIsNotTakenWithTheTemplate() async throws {
        #expect(try await !words().contains("film-noir"))
    }

    @Test func theTemplatesStyleIsTakenUnlessAnotherIsAskedFor() async throws {
        let profile = model.appendingPathComponent("profile.json")
        let text = try String(contentsOf: profile, encoding: .utf8)
            .replacingOccurrences(of: #""family": "tiny""#, with: #""family": "stable-diffusion-v1""#)
        try Data(text.utf8).write(to: profile)
        #expect(try await words().contains("film-noir"))
        let chosen = try await words("--style", "christmas-evening")
        #expect(chosen.contains("christmas-evening") && !chosen.contains("film-noir"))
    }
}
