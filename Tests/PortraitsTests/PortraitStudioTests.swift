import Foundation
import Imaging
import Portraits
import Tensors
import TestSupport
import Testing
import Weights

/// The whole path from photo to picture, on a complete model of tiny networks.
@Suite struct PortraitStudioTests {
    private let studio: PortraitStudio
    private let request: PortraitRequest
    private let folder: TemporaryDirectory

    init() throws {
        studio = try House.studio()
        folder = try TemporaryDirectory()
        request = try House.astronautRequest()
    }

    private func portraits(_ request: PortraitRequest) async throws -> [Portrait] {
        try await studio.finishedPortraits(of: request)
    }

    private func pixels(_ request: PortraitRequest) async throws -> [UInt8] {
        try #require(try await portraits(request).first).image.pixels
    }

    /// The file's bytes, so that what is written beside the pixels counts too.
    private func file(_ request: PortraitRequest) async throws -> Data {
        let portrait = try #require(try await portraits(request).first)
        let file = URL(fileURLWithPath: folder.file("portrait.png"))
        try portrait.writePNG(to: file)
        return try Data(contentsOf: file)
    }

    /// Ten steps amplify rounding; the picture in bytes is compared with PyTorch's in 32-bit floats.
    @Test func aWholePortraitEqualsPyTorchs() async throws {
        let expected = try Fixture.load(bundle: .module, "portrait")["image"].transposed([1, 2, 0]).values
        var request = request
        request.trace = URL(fileURLWithPath: folder.file("trace.safetensors"))
        _ = try await pixels(request)
        let trace = try SafetensorsFile(path: folder.file("trace.safetensors"))
        let image = try trace.tensor(named: "image", in: Fixture.sharedWorkspace).transposed([1, 2, 0]).values
        let squares = zip(image, expected).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
        let psnr = -10 * log10(Double(squares) / Double(expected.count))
        #expect(psnr >= 60, "\(psnr) dB")
    }

    @Test func theTraceHasEveryStage() async throws {
        var request = request
        request.photos.append(request.photos[0])
        request.steps = 2
        request.trace = URL(fileURLWithPath: folder.file("trace.safetensors"))
        // The second photo has no landmarks, so its face is found.
        _ = try await pixels(request)
        let trace = try SafetensorsFile(path: folder.file("trace.safetensors"))
        let shapes = Dictionary(uniqueKeysWithValues: trace.names.map { ($0, trace.shape(of: $0) ?? []) })
        #expect(
            shapes == [
                "face.aligned": [2, 3, 112, 112], "face.tokens": [2, 49, 16], "face.embeds": [1, 32, 16],
                "face.embeds.uncond": [1, 32, 16], "text.cond": [1, 77, 16], "text.uncond": [1, 77, 16],
                "latents.0": [1, 4, 8, 8], "latents.1": [1, 4, 8, 8], "latents.2": [1, 4, 8, 8],
                "image": [3, 64, 64],
            ])
    }

    @Test func equalRequestsGiveEqualFiles() async throws {
        let first = try await file(request)
        #expect(try await file(request) == first)
        var other = request
        other.seed = 8
        #expect(try await file(other) != first)
    }

    @Test func identityWeightZeroIsNoAdapter() async throws {
        var zero = request
        zero.identity.weight = 0
        var none = request
        none.models.adapter = .none
        #expect(try await file(zero) == file(none))
        #expect(try await pixels(zero) != pixels(request))
    }

    @Test func theFaceCountsOnlyInsideItsWindow() async throws {
        var late = request
        late.identity.start = 0.5
        var never = request
        never.identity = .init(start: 0.99, end: 1)
        var none = request
        none.models.adapter = .none
        let lateFace = try await pixels(late)
        #expect(try await lateFace != pixels(request))
        #expect(try await lateFace != pixels(none))
        #expect(try await pixels(never) == pixels(none))
    }

    @Test(arguments: ["single.safetensors", "single.ckpt", "single.pt"])
    func aCheckpointInOneFileIsTheSameModel(_ name: String) async throws {
        var single = request
        single.models.base = URL(fileURLWithPath: try Fixture.path(bundle: .module, "tiny/\(name)"))
        #expect(try await pixels(single) == pixels(request))
    }

    @Test func loraWeightZeroIsNoLoRA() async throws {
        let lora = try Fixture.path(bundle: .module, "style_lora.safetensors")
        var zero = request
        zero.loras = [.init(file: lora, weight: 0)]
        var full = request
        full.loras = [.init(file: lora, weight: 1)]
        let plain = try await file(request)
        #expect(try await file(zero) == plain)
        #expect(try await file(full) != plain)
        // The LoRA must be gone again.
        #expect(try await file(request) == plain)
    }

    @Test func aStylesLoRAIsLeftOutOfModelsItWasNotMadeFor() async throws {
        let lora = try Fixture.path(bundle: .module, "style_lora.safetensors")
        var styled = request
        let style = """
            {"name": "ink", "title": "Ink", "prompt": "ink", "negativePrompt": "", "baseModel": "tiny",
             "lora": {"file": "\(lora)", "weight": 1}, "tags": []}
            """
        styled.style = try JSONDecoder().decode(Style.self, from: Data(style.utf8))
        var foreign = styled
        foreign.style?.baseModel = "atelier"
        var wordsOnly = styled
        wordsOnly.style?.lora = nil
        #expect(try await pixels(styled) != pixels(wordsOnly))
        #expect(try await pixels(foreign) == pixels(wordsOnly))
    }

    @Test func cancellingEndsTheJobAndLeavesTheStudioUsable() async throws {
        var long = request
        long.steps = 900
        let job = Task { [long, studio] in
            var finished = 0
            for try await event in studio.portraits(for: long) {
                switch event {
                case .progress(let progress) where progress.stage == .denoising:
                    withUnsafeCurrentTask { $0?.cancel() }
                case .finished:
                    finished += 1
                case .progress, .notice:
                    break
                }
            }
            return finished
        }
        #expect(try await job.value == 0)
        #expect(try await portraits(request).count == 1)
    }

    @Test func cancellingAJobThatWaitsNeverStartsIt() async throws {
        var long = request
        long.steps = 900
        let first = studio.portraits(for: long).makeAsyncIterator()
        let second = Task { [request, studio] in
            var events = 0
            for try await _ in studio.portraits(for: request) { events += 1 }
            return events
        }
        second.cancel()
        #expect(try await second.value == 0)
        _ = first
    }

    @Test func whatIsWrongIsSaidInOneSentence() async throws {
        func complaint(_ change: (inout PortraitRequest) throws -> Void) async throws -> String {
            var request = request
            try change(&request)
            let error = await #expect(throws: (any Error).self) { try await portraits(request) }
            return error.map { "\($0)" } ?? ""
        }
        #expect(try await complaint { $0.photos = [] }.contains("needs a photo"))
        #expect(try await complaint { $0.width = 100 }.contains("multiples of 16"))
        #expect(try await complaint { $0.sampler = "magic" }.contains("no sampler 'magic'"))
        #expect(
            try await complaint { $0.models.base = URL(fileURLWithPath: "/no/model") }.contains(
                "does not exist"))
        #expect(
            try await complaint { $0.models.base = URL(fileURLWithPath: folder.path) }.contains(
                "unet/config.json"))
        #expect(
            try await complaint { $0.loras = [.init(file: "missing", weight: 1)] }.contains(
                "'missing' was not found"))
        #expect(
            try await complaint {
                $0.landmarks = nil
                $0.faceNumber = 4
            }.contains("has 1 face, so there is no face 4"))
        #expect(
            try await complaint {
                $0.landmarks = nil
                let blank = folder.file("blank.png")
                try ImageFile.writePNG(
                    Image(width: 200, height: 200, channels: .rgb, filledWith: [90, 120, 90]), texts: [],
                    to: blank,
                    ifExists: .replace)
                $0.photos = [URL(fileURLWithPath: blank)]
            }.contains("no face was found"))
    }
}
