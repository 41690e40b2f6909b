import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// A small random autoencoder against diffusers; float sums in another order differ by about 1e-6 of a layer's range.
private let tolerance: Float = 2e-5

struct AutoencoderTests {
    private let fixture: NetworkFixture<AutoencoderConfiguration>
    private let autoencoder: AutoencoderKL

    init() throws {
        fixture = try NetworkFixture("autoencoder", AutoencoderConfiguration.self)
        autoencoder = try AutoencoderKL(fixture.tensors.scope("vae"), fixture.configuration)
    }

    @Test func encodesAsDiffusersDoes() throws {
        let latents = try autoencoder.encode(fixture.image("input.image"))
        expectRelative(latents.mean, try fixture.image("output.mean"), maxError: tolerance)
        expectRelative(
            latents.standardDeviation, try fixture.image("output.standardDeviation"), maxError: tolerance)
    }

    @Test func decodesAsDiffusersDoes() throws {
        let image = try autoencoder.decode(fixture.image("input.latents"))
        expectRelative(image, try fixture.image("output.image"), maxError: tolerance)
    }

    @Test func samplesAroundTheMean() throws {
        let latents = try autoencoder.encode(fixture.image("input.image"))
        let noise = latents.mean * 0 + Tensor([2], shape: [1], in: fixture.tensors.workspace)
        expectClose(
            latents.sample(noise: noise), latents.mean + latents.standardDeviation * 2, absolute: 1e-6,
            relative: 1e-6)
    }

    @Test func stopsWhenCancelled() throws {
        let workspace = Workspace(threadCount: 1)
        let autoencoder = try AutoencoderKL(
            WeightScope(fixture.tensors.source, in: workspace).scope("vae"), fixture.configuration)
        workspace.cancel()
        #expect(throws: CancellationError.self) {
            try autoencoder.decode(.zeros([1, 4, 4, 4], in: workspace))
        }
        #expect(throws: CancellationError.self) {
            try autoencoder.encode(.zeros([1, 16, 16, 3], in: workspace))
        }
    }
}
