import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Against the PyTorch network in `make_face_resampler_fixtures.py`.
struct FaceResamplerTests {
    private let fixture: Fixture
    private let resampler: FaceResampler

    init() throws {
        fixture = try Fixture.load(bundle: .module, "face_resampler")
        resampler = try FaceResampler(fixture.scope("local_fac_prj"))
    }

    @Test("Two photos give one sequence with the face tokens of both, equal to PyTorch's")
    func faceTokens() throws {
        let embeds = try resampler(fixture["tokens"])
        #expect(embeds.shape == [1, 2 * resampler.queryCount, resampler.outputWidth])
        try expectRelative(embeds, fixture["embeds"], maxError: 1e-5)
    }

    @Test("The unconditional face tokens are those of zeros")
    func unconditional() throws {
        let embeds = try resampler.unconditional(like: fixture["tokens"])
        try expectRelative(embeds, fixture["embeds.unconditional"], maxError: 1e-5)
    }

    @Test("A cancelled workspace stops the resampler")
    func cancellation() throws {
        let workspace = Workspace(threadCount: 1)
        let resampler = try FaceResampler(WeightScope(fixture.source, in: workspace).scope("local_fac_prj"))
        let tokens = try fixture.source.tensor(named: "tokens", in: workspace)
        workspace.cancel()
        #expect(throws: CancellationError.self) { try resampler(tokens) }
    }
}
