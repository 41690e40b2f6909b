import Foundation
import Imaging
import Networks
import Portraits
import Tensors
import TestSupport
import Testing
import Weights

/// Portraits that follow a skeleton, on the model of tiny networks.
@Suite struct PoseTests {
    private let studio: PortraitStudio
    private let request: PortraitRequest
    private let folder: TemporaryDirectory
    private let skeleton: URL
    private let network: URL

    init() throws {
        studio = try House.studio()
        folder = try TemporaryDirectory()
        skeleton = URL(fileURLWithPath: try Fixture.path(bundle: .module, "skeleton.png"))
        network = URL(fileURLWithPath: try Fixture.path(bundle: .module, "tiny/controlnet"))
        request = try House.astronautRequest()
    }

    private func portrait(_ controls: [PoseControl], change: (inout PortraitRequest) -> Void = { _ in })
        async throws -> Portrait
    {
        var request = request
        request.controls = controls
        change(&request)
        return try #require(try await studio.finishedPortraits(of: request).first)
    }

    /// Ten steps amplify rounding; the picture in bytes is compared with PyTorch's in 32-bit floats.
    @Test func aPosedPortraitEqualsPyTorchs() async throws {
        let expected = try Fixture.load(bundle: .module, "pose")
        let portrait = try await portrait([PoseControl(.picture(skeleton), weight: 0.7, end: 0.8)]) {
            $0.trace = URL(fileURLWithPath: folder.file("trace.safetensors"))
        }
        let trace = try SafetensorsFile(path: folder.file("trace.safetensors"))
        func values(_ name: String) throws -> [Float] {
            try trace.tensor(named: name, in: Fixture.sharedWorkspace).values
        }
        #expect(try values("pose.1") == expected["shown"].values)
        let squares = zip(try values("image"), try expected["image"].values)
            .map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
        let psnr = -10 * log10(Double(squares) / Double(portrait.image.pixels.count))
        #expect(psnr >= 60, "\(psnr) dB")
    }

    @Test func weightZeroIsNoPose() async throws {
        let plain = try await portrait([])
        let silent = try await portrait([PoseControl(.picture(skeleton), weight: 0)])
        #expect(silent.image == plain.image)
        #expect(silent.settings == plain.settings)
    }

    @Test func aPoseCountsOnlyInsideItsWindow() async throws {
        let plain = try await portrait([]).image
        let whole = try await portrait([PoseControl(.picture(skeleton))]).image
        let late = try await portrait([PoseControl(.picture(skeleton), start: 0.5)]).image
        let never = try await portrait([PoseControl(.picture(skeleton), start: 0.99)]).image
        #expect(never == plain)
        #expect(whole != plain && late != plain && late != whole)
    }

    @Test func twoPosesAddUp() async throws {
        let halves = [
            PoseControl(.picture(skeleton), network: network, weight: 0.4),
            PoseControl(.picture(skeleton), weight: 0.6),
        ]
        let together = try await portrait(halves)
        let whole = try await portrait([PoseControl(.picture(skeleton))])
        // Sums in another order: the pictures differ by rounding, amplified by ten steps.
        let worst = zip(together.image.pixels, whole.image.pixels).map { abs(Int($0) - Int($1)) }.max()
        #expect(worst ?? 255 <= 1)
        #expect(together.settings.controls?.count == 2)
    }

    @Test func aReadySkeletonIsTheSameAsItsFile() async throws {
        let image = try ImageFile.read(skeleton.path)
        let ready = try await portrait([PoseControl(.skeleton(image))]).image
        #expect(try await portrait([PoseControl(.picture(skeleton))]).image == ready)
    }

    @Test func theControlNetMayBeAFileOrAFolderOfOne() async throws {
        let beside = try await portrait([PoseControl(.picture(skeleton))]).image
        let file = network.appendingPathComponent("diffusion_pytorch_model.safetensors")
        #expect(try await portrait([PoseControl(.picture(skeleton), network: file)]).image == beside)
        #expect(try await portrait([PoseControl(.picture(skeleton), network: network)]).image == beside)
    }

    @Test func whatWasFollowedIsWrittenDown() async throws {
        let control = PoseControl(.picture(skeleton), network: network, weight: 0.5, start: 0.25, end: 0.75)
        let portrait = try await portrait([control])
        let file = URL(fileURLWithPath: folder.file("portrait.png"))
        try portrait.writePNG(to: file)
        let texts = try ImageFile.readPNG(file.path).texts
        let infotext = try #require(texts.first { $0.keyword == "parameters" }).text
        #expect(infotext.contains("Pose weight: 0.5, Pose steps: 0.25-0.75, Pose ControlNet: controlnet"))
        let json = try #require(texts.first { $0.keyword == "facechain" }).text
        let settings = try JSONDecoder().decode(PortraitSettings.self, from: Data(json.utf8))
        #expect(settings == portrait.settings)
        let recorded = try #require(settings.controls?.first)
        #expect(recorded.pose == "skeleton" && recorded.network == "controlnet")
        #expect(recorded.weight == 0.5 && recorded.start == 0.25 && recorded.end == 0.75)
    }

    @Test func aSkeletonIsNotSearchedForPeople() async throws {
        let inspector = try PoseInspector(resources: House.resources())
        await #expect(throws: PortraitError.alreadySkeleton(picture: skeleton.path)) {
            try await inspector.inspect(skeleton)
        }
    }

    @Test func thePoseOfAPersonIsFoundAndDrawn() async throws {
        let photo = House.astronaut
        let seen = try await PoseInspector(resources: House.resources()).inspect(photo)
        let nose = try #require(seen.poses.first?[.nose]).position
        // The network for whole bodies misses the hand-set point by up to a quarter of the face's width.
        #expect(seen.poses.count == 1 && abs(nose.x - 226) < 24 && abs(nose.y - 146) < 24)
        #expect(seen.skeleton.isSkeleton && min(seen.skeleton.width, seen.skeleton.height) == 512)

        let plain = try await portrait([]).image
        let posed = try await portrait([PoseControl(.picture(photo))]) {
            $0.trace = URL(fileURLWithPath: folder.file("trace.safetensors"))
        }
        #expect(posed.image != plain)
        let shown = try SafetensorsFile(path: folder.file("trace.safetensors"))
            .tensor(named: "pose.1", in: Fixture.sharedWorkspace)
        let original = try ImageFile.read(photo.path)
        #expect(original.width == original.height)
        let scale = 64 / Double(original.width)
        let (column, row) = (Int((nose.x + 0.5) * scale), Int((nose.y + 0.5) * scale))
        // The nose is red; shrunken eight times, its circle is about one pixel.
        let red = shown.values
        let brightest = (-1...1).map { max(red[(row + $0) * 64 + column], red[(row + $0) * 64 + column - 1]) }
            .max()
        #expect(try #require(brightest) > 0.2)
    }

    private func complaint(
        _ control: PoseControl, change: @escaping (inout PortraitRequest) -> Void = { _ in }
    ) async -> String {
        let error = await #expect(throws: (any Error).self) { try await portrait([control], change: change) }
        return error.map { "\($0)" } ?? ""
    }

    @Test func aModelWithoutControlNetSaysWhatIsMissing() async throws {
        let tiny = try House.tinyModel()
        let poor = URL(fileURLWithPath: folder.file("poor"))
        try FileManager.default.createDirectory(at: poor, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: tiny.path) where name != "controlnet"
        {
            try FileManager.default.createSymbolicLink(
                at: poor.appendingPathComponent(name),
                withDestinationURL: tiny.appendingPathComponent(name))
        }
        let text = await complaint(PoseControl(.picture(skeleton))) { $0.models.base = poor }
        #expect(text.contains("\(poor.path)/controlnet") && text.contains("--controlnet"))
    }

    @Test func whatIsWrongIsSaidInOneSentence() async throws {
        func control(_ file: String) -> PoseControl {
            PoseControl(.picture(skeleton), network: URL(fileURLWithPath: file))
        }
        #expect(await complaint(control("/no/control.pth")).contains("/no/control.pth does not exist"))
        let unet = try Fixture.path(bundle: .module, "tiny/unet")
        #expect(await complaint(control(unet)).contains("is not a ControlNet but a model's denoiser"))
        let gray = folder.file("gray.png")
        try ImageFile.writePNG(
            Image(width: 40, height: 60, channels: .rgb, filledWith: [90, 120, 90]), texts: [], to: gray,
            ifExists: .replace)
        #expect(
            await complaint(PoseControl(.picture(URL(fileURLWithPath: gray)))).contains("\(gray): nobody"))
        #expect(
            await complaint(PoseControl(.picture(skeleton), start: 0.8, end: 0.2)).contains(
                "the pose's start is 0.8"))
        let note = try folder.write(Data("hello".utf8), to: "note.txt")
        #expect(await complaint(PoseControl(.picture(URL(fileURLWithPath: note)))).contains("note.txt"))
    }
}
