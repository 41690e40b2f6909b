import Foundation
import PortraitApp
import TestSupport
import Testing

/// `facechain template` through the whole program, on a tiny model of random weights.
@Suite struct TemplateCommandTests {
    private let tiny: TinyHouse
    private var folder: TemporaryDirectory { tiny.folder }
    private var model: URL { tiny.model }

    init() throws {
        tiny = try TinyHouse()
        try FileManager.default.copyItem(
            atPath: TinyHouse.house.path + "/Templates/watercolour-meadow.png",
            toPath: tiny.folder.file("meadow.png"))
        let text = #"{"title":"M","author":"A","licence":"CC0","faces":1,"style":"film-noir"}"#
        try Data(text.utf8).write(to: URL(fileURLWithPath: tiny.folder.file("meadow.json")))
    }

    /// The words of the picture that is made, as its metadata has them.
    private func words(_ more: String...) async throws -> String {
        let output = folder.file("portrait.png")
        let photo = TinyHouse.house.appendingPathComponent("Examples/mira.png").path
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
