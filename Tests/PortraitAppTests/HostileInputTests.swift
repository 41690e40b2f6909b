import Foundation
import PortraitApp
import TestSupport
import Testing

/// Files that are broken or wrong, through the whole program: exit code 1 and nothing written.
@Suite struct HostileInputTests {
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
    }

    private func generate(_ more: [String] = [], photo: String? = nil) async -> (code: Int32, wrote: Bool) {
        let output = folder.file("portrait.png")
        let photo = photo ?? Self.house.appendingPathComponent("Examples/astronaut.jpg").path
        let arguments = [
            "generate", "--photo", photo, "--model", model.path, "--steps", "1", "--seed", "1", "--quiet",
            "--out", output,
        ]
        let code = await FaceChain.run(arguments + more)
        return (code, FileManager.default.fileExists(atPath: output))
    }

    private func damage(_ name: String, _ change: (inout Data) -> Void) throws {
        let file = model.appendingPathComponent(name)
        var bytes = try Data(contentsOf: file)
        change(&bytes)
        try bytes.write(to: file)
    }

    private static let unet = "unet/diffusion_pytorch_model.safetensors"

    @Test func theWholeModelMakesAPortrait() async {
        #expect(await generate() == (0, true))
    }

    @Test func aTruncatedModelIsRefused() async throws {
        try damage(Self.unet) { $0.removeLast(100) }
        #expect(await generate() == (1, false))
    }

    @Test func anOversizedHeaderIsRefused() async throws {
        try damage(Self.unet) { $0.replaceSubrange(0..<8, with: [255, 255, 255, 255, 255, 255, 255, 127]) }
        #expect(await generate() == (1, false))
    }

    @Test func weightsThatAreNotNumbersAreRefused() async throws {
        try damage(Self.unet) {
            $0.replaceSubrange($0.count - 64..<$0.count, with: Array(repeating: 255, count: 64))
        }
        #expect(await generate() == (1, false))
    }

    @Test func anAdapterOfAnotherModelIsRefused() async {
        let encoder = model.appendingPathComponent("face_encoder.safetensors").path
        #expect(await generate(["--adapter", encoder]) == (1, false))
    }

    @Test func aPickleThatRunsACommandIsRefused() async throws {
        // What pickle.dumps writes for an object whose reduction is (os.system, ("touch owned",)).
        let pickle = Data(
            "\u{80}\u{02}cposix\nsystem\nX\u{0B}\u{00}\u{00}\u{00}touch owned\u{85}R.".unicodeScalars.map {
                UInt8($0.value)
            })
        try pickle.write(to: URL(fileURLWithPath: folder.file("lora.pt")))
        #expect(await generate(["--lora", folder.file("lora.pt")]) == (1, false))
        #expect(!FileManager.default.fileExists(atPath: "owned"))
    }

    @Test func aTextIsNoPhoto() async throws {
        _ = try folder.write(Data("not a picture".utf8), to: "photo.jpg")
        #expect(await generate(photo: folder.file("photo.jpg")) == (1, false))
    }

    @Test func aMissingFaceNumberIsSaid() async {
        #expect(await generate(["--face", "3"]) == (1, false))
    }
}
