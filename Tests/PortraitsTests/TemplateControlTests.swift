import Foundation
import Imaging
import Portraits
import Tensors
import TestSupport
import Testing
import Weights

/// ControlNets that hold a template's posture and edges, on the model of tiny networks, which has one of its own.
@Suite struct TemplateControlTests {
    private let studio: PortraitStudio
    private let request: PortraitRequest
    private let folder: TemporaryDirectory
    private let network: URL

    init() throws {
        studio = try House.studio()
        folder = try TemporaryDirectory()
        network = try House.tinyModel().appendingPathComponent("controlnet")
        var request = PortraitRequest(photos: [], seed: 7)
        request.models.base = try House.tinyModel()
        request.steps = 6
        request.template = TemplateChoice(
            picture: House.astronaut,
            faces: [.init(number: 1, person: PersonPhotos(photos: [House.astronaut]))]
        )
        self.request = request
    }

    private func painted(_ change: (inout TemplateChoice) -> Void) async throws -> Portrait {
        var request = request
        var choice = try #require(request.template)
        change(&choice)
        request.template = choice
        request.trace = URL(fileURLWithPath: folder.file("trace.safetensors"))
        return try #require(try await studio.finishedPortraits(of: request).first)
    }

    /// A picture that a ControlNet saw, [1, 3, height, width] in 0…1.
    private func seen(_ number: Int) throws -> Tensor {
        try SafetensorsFile(path: folder.file("trace.safetensors"))
            .tensor(named: "pose.\(number)", in: Fixture.sharedWorkspace)
    }

    @Test func theModelsOwnControlNetIsUsedUnlessNoneIsWanted() async throws {
        let usual = try await painted { _ in }
        let named = try await painted { $0.poseNetwork = .file(network) }
        let without = try await painted { $0.poseNetwork = .none }
        #expect(usual.image == named.image)
        #expect(usual.image != without.image)
        #expect(usual.settings.template?.controls == ["pose"])
        #expect(without.settings.template?.controls == nil)
    }

    @Test func withoutAControlNetOfItsOwnAModelDrawsAsIfNoneWereWanted() async throws {
        let tiny = try House.tinyModel()
        let poor = URL(fileURLWithPath: folder.file("poor"))
        try FileManager.default.createDirectory(at: poor, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: tiny.path) where name != "controlnet"
        {
            try FileManager.default.createSymbolicLink(
                at: poor.appendingPathComponent(name), withDestinationURL: tiny.appendingPathComponent(name))
        }
        var bare = request
        bare.models.base = poor
        let portrait = try #require(try await studio.finishedPortraits(of: bare).first)
        #expect(try await painted { $0.poseNetwork = .none }.image == portrait.image)
    }

    @Test func edgesAreHeldBesideThePosture() async throws {
        let posed = try await painted { _ in }
        let both = try await painted { $0.cannyNetwork = network }
        let edges = try await painted {
            $0.poseNetwork = .none
            $0.cannyNetwork = network
        }
        #expect(both.settings.template?.controls == ["pose", "canny"])
        #expect(edges.settings.template?.controls == ["canny"])
        #expect(both.image != posed.image && both.image != edges.image)
        let file = folder.file("portrait.png")
        try both.writePNG(to: URL(fileURLWithPath: file))
        let texts = try ImageFile.readPNG(file).texts
        #expect(texts.contains { $0.text.contains("Template controls: \"pose, canny\"") })
    }

    @Test func theControlNetsSeeTheSkeletonAndTheEdgesAroundTheFace() async throws {
        _ = try await painted { $0.cannyNetwork = network }
        let (skeleton, edges) = (try seen(1), try seen(2))
        let side = skeleton.shape[3]
        #expect(skeleton.shape == [1, 3, side, side] && edges.shape == skeleton.shape)
        let edge = edges.values
        #expect(edge.allSatisfy { $0 == 0 || $0 == 1 } && edge.contains(1))
        // The face is in the middle of the square: colours in one picture, nothing in the other.
        let middle = (side * 2 / 5..<side * 3 / 5).flatMap { row in
            (side * 2 / 5..<side * 3 / 5).map { row * side + $0 }
        }
        #expect(middle.allSatisfy { edge[$0] == 0 })
        #expect(middle.contains { skeleton.values[$0] > 0.3 })
    }

    @Test func aControlNetThatIsNotThereIsNamed() async throws {
        let error = await #expect(throws: PortraitError.self) {
            try await painted { $0.cannyNetwork = URL(fileURLWithPath: "/no/canny") }
        }
        #expect("\(try #require(error))".contains("/no/canny does not exist"))
    }

    @Test func whatTheAutoencoderChangesIsTakenBackOutsideTheMask() {
        let workspace = Fixture.sharedWorkspace
        let original = Image(width: 2, height: 1, channels: .rgb, pixels: [0, 255, 51, 102, 204, 153])
        let decoded: [Float] = [-0.9, 0.8, -0.5, -0.1, 0.5, 0.3]
        let reconstruction = Tensor(decoded, shape: [1, 1, 2, 3], in: workspace)
        let change = Tensor([0, 0, 0, 0.25, -0.5, 0.125], shape: [1, 1, 2, 3], in: workspace)
        let drift = AutoencoderDrift(of: original, reconstruction: reconstruction)
        let outside = Mask(width: 2, height: 1, values: [1, 0])
        let corrected = drift.removed(from: reconstruction + change, within: outside).values
        // Nothing was drawn in the first pixel: it is the original's. The second stays as it was painted.
        let wanted: [Float] = [-1, 1, -0.6, 0.15, 0, 0.425]
        #expect(zip(corrected, wanted).allSatisfy { abs($0 - $1) < 1e-6 })
    }
}
