import Foundation
import Imaging
import PortraitApp
import TestSupport
import Testing

/// Files that are broken or wrong, through the whole program: exit code 1 and nothing written.
@Suite struct HostileInputTests {
    private let tiny: TinyHouse
    private var folder: TemporaryDirectory { tiny.folder }
    private var model: URL { tiny.model }

    init() throws { tiny = try TinyHouse() }

    private func generate(_ more: [String] = [], photo: String? = nil) async -> (code: Int32, wrote: Bool) {
        let output = folder.file("portrait.png")
        let photo = photo ?? TinyHouse.house.appendingPathComponent("Examples/astronaut.jpg").path
        let arguments = [
            "generate", "--photo", photo, "--model", model.path, "--steps", "1", "--seed", "1", "--quiet",
            "--out", output,
        ]
        let code = await FaceChain.run(arguments + more)
        return (code, FileManager.default.fileExists(atPath: output))
    }

    private func damage(_ name: String, _ change: (inout Data) throws -> Void) throws {
        let file = model.appendingPathComponent(name)
        var bytes = try Data(contentsOf: file)
        try change(&bytes)
        try bytes.write(to: file)
    }

    /// Where the tensors of a safetensors file say they lie, in the order of their bytes.
    private static func offsets(in file: Data) -> [Range<Int>] {
        let text = String(decoding: file.prefix(file.count / 2), as: UTF8.self)
        return text.matches(of: /"data_offsets":\[(\d+),(\d+)\]/)
            .compactMap { match in
                guard let start = Int(match.1), let end = Int(match.2) else { return nil }
                return start..<end
            }
            .sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Changes a file's header in place; spaces keep its length.
    private static func replacing(_ old: String, by new: String, in file: Data) throws -> Data {
        var file = file
        let place = try #require(file.range(of: Data(old.utf8)))
        let padded = new.padding(toLength: max(old.count, new.count), withPad: " ", startingAt: 0)
        file.replaceSubrange(place, with: Data(padded.utf8))
        return file
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

    /// The last tensor claims the bytes of the one before it: as many as it should have, so that only the order is wrong.
    @Test func overlappingTensorsAreRefused() async throws {
        try damage(Self.unet) { bytes in
            let offsets = Self.offsets(in: bytes)
            let (last, previous) = (offsets[offsets.count - 1], offsets[offsets.count - 2])
            let shift = last.lowerBound - previous.lowerBound
            let moved = "[\(last.lowerBound - shift),\(last.upperBound - shift)]"
            bytes = try Self.replacing("[\(last.lowerBound),\(last.upperBound)]", by: moved, in: bytes)
        }
        #expect(await generate() == (1, false))
    }

    @Test func aWrongShapeIsRefused() async throws {
        try damage(Self.unet) { $0 = try Self.replacing("[16,4,3,3]", by: "[4,16,3,3]", in: $0) }
        #expect(await generate() == (1, false))
    }

    @Test(arguments: [
        "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight",
        "cond_stage_model.model.ln_final.weight",
    ])
    func modelsOfOtherArchitecturesAreRefused(tensor: String) async throws {
        let header = Data(#"{"\#(tensor)":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        try folder.write(length + header + Data(count: 4), to: "other.safetensors")
        #expect(await generate(["--model", folder.file("other.safetensors")]) == (1, false))
    }

    @Test func aPhotoWithoutAFaceIsSaid() async throws {
        let grey = [UInt8](repeating: 128, count: 200 * 200 * 3)
        let wall = Image(width: 200, height: 200, channels: .rgb, pixels: grey)
        try ImageFile.writePNG(wall, texts: [], to: folder.file("wall.png"), ifExists: .replace)
        #expect(await generate(photo: folder.file("wall.png")) == (1, false))
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
