import Diffusion
import Tensors
import TestSupport
import Testing

/// The generator against `torch.manual_seed` and `torch.randn` (make_diffusion_fixtures.py).
///
/// Bound: 1e-6 for numbers of size up to 5, which is one or two units in the last place; PyTorch's vectorised
/// logarithm, sine and cosine are no more exact than that.
@Suite struct TorchRandomTests {
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture.load(bundle: .module, "random")
    }

    @Test(arguments: [0, 1, 42, 4_294_967_301], [1, 2, 15, 16, 17, 40, 700])
    func aSeedDrawsWhatPyTorchDraws(seed: UInt64, count: Int) throws {
        var random = TorchRandom(seed: seed)
        expectClose(
            random.normal(count: count), try fixture["\(seed).\(count)"].values, absolute: 1e-6,
            relative: 1e-6)
    }

    @Test func drawsOfAnyLengthFollowEachOther() throws {
        var random = TorchRandom(seed: 9)
        for (index, count) in [4, 16, 5, 100, 3].enumerated() {
            expectClose(
                random.normal(count: count), try fixture["sequence.\(index)"].values, absolute: 1e-6,
                relative: 1e-6)
        }
    }

    @Test func latentsAreDrawnChannelByChannel() throws {
        var random = TorchRandom(seed: 1)
        let latents = random.normal(shape: [1, 64, 48, 4], in: fixture.workspace)
        expectClose(
            latents.transposed([0, 3, 1, 2]), try fixture["latents"], absolute: 1e-6, relative: 1e-6)
    }

    @Test func aCopyContinuesAlike() {
        var random = TorchRandom(seed: 5)
        _ = random.normal(count: 7)
        var copy = random
        #expect(random == copy)
        #expect(random.normal(count: 33) == copy.normal(count: 33))
    }
}
