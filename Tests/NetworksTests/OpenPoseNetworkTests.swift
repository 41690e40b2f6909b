import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Against controlnet_aux's networks of the published size, see `make_openpose_fixtures.py`.
///
/// One after the other, since each has up to 50 million weights. Results pass up to 52 convolutions; 1e-4 of their range
/// leaves room for other orders of summation.
@Suite(.serialized) struct OpenPoseNetworkTests {
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture.load(bundle: .module, "openpose")
    }

    private func weights(_ name: String, _ naming: GeneratedWeights.Naming) throws -> WeightScope {
        try GeneratedWeights("openpose_\(name)", naming: naming).scope(in: fixture.workspace)
    }

    private func image(_ name: String) throws -> Tensor { try fixture[name].transposed([0, 2, 3, 1]) }

    @Test("The body network equals PyTorch's under the names of the published file")
    func body() throws {
        let maps = try BodyPoseNetwork(weights("body", .published))(image("image"))
        try expectRelative(maps.affinities, image("body.affinities"), maxError: 1e-4)
        try expectRelative(maps.heatmaps, image("body.heatmaps"), maxError: 1e-4)
    }

    @Test("A narrower body network of fewer stages is read by the same names")
    func narrowBody() throws {
        let fixture = try Fixture.load(bundle: .module, "drawn_bodies")
        let image = try fixture["image"].transposed([0, 2, 3, 1])
        let maps = try BodyPoseNetwork(fixture.scope("network"))(image)
        try expectRelative(maps.affinities, fixture["affinities"].transposed([0, 2, 3, 1]), maxError: 1e-4)
        try expectRelative(maps.heatmaps, fixture["heatmaps"].transposed([0, 2, 3, 1]), maxError: 1e-4)
    }

    @Test("The hand network equals PyTorch's under the names of the published file")
    func hand() throws {
        let maps = try KeypointCascade(hand: weights("hand", .published))(image("image"))
        try expectRelative(maps, image("hand.heatmaps"), maxError: 1e-4)
    }

    @Test("The face network equals PyTorch's")
    func face() throws {
        let maps = try KeypointCascade(face: weights("face", .published))(image("image"))
        try expectRelative(maps, image("face.heatmaps"), maxError: 1e-4)
    }

    @Test("Files that were saved from the public code's own modules are read as well")
    func moduleNames() throws {
        _ = try BodyPoseNetwork(weights("body", .module))
        _ = try KeypointCascade(hand: weights("hand", .module))
    }

    @Test("A face network is no hand network")
    func wrongNetwork() throws {
        #expect(throws: WeightsError.self) { try KeypointCascade(hand: weights("face", .published)) }
    }

    @Test("Long strips show nobody; a cancelled workspace stops the search")
    func limits() throws {
        let workspace = Workspace(threadCount: 1)
        let weights = try GeneratedWeights("openpose_body", naming: .published).scope(in: workspace)
        let openPose = try OpenPose(body: weights, hand: nil, face: nil)
        #expect(try openPose.poses(in: .zeros([1, 2, 33, 3], in: workspace)) == [])
        workspace.cancel()
        #expect(throws: CancellationError.self) {
            try openPose.poses(in: .zeros([1, 40, 30, 3], in: workspace))
        }
        #expect(throws: CancellationError.self) {
            try openPose.poses(in: .zeros([1, 1030, 30, 3], in: workspace))
        }
    }
}
