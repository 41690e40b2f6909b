import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Float sums in another order differ by about 1e-6 of a layer's range; thirty layers stay below 2e-5.
private let tolerance: Float = 2e-5

struct UNetTests {
    private let unet: UNet2DConditionModel
    private let fixture: NetworkFixture<UNetConfiguration>
    private static let names = ["unet_convolutional", "unet_linear"]

    init() throws {
        (unet, fixture) = try Self.load("unet_convolutional")
    }

    private static func load(
        _ name: String
    ) throws -> (UNet2DConditionModel, NetworkFixture<UNetConfiguration>) {
        let fixture = try NetworkFixture(name, UNetConfiguration.self)
        return (try UNet2DConditionModel(fixture.tensors.scope("unet"), fixture.configuration), fixture)
    }

    private static func predict(
        _ unet: UNet2DConditionModel, _ fixture: NetworkFixture<UNetConfiguration>, face: FaceCondition?
    ) throws -> Tensor {
        try unet(
            fixture.image("input.latents"), timestep: fixture.tensors["input.timestep"].values[0],
            encoderHiddenStates: fixture.tensors["input.text"], face: face)
    }

    @Test(arguments: names)
    func equalsDiffusersWithoutAFace(name: String) throws {
        let (unet, fixture) = try Self.load(name)
        let output = try Self.predict(unet, fixture, face: nil)
        expectRelative(output, try fixture.image("output.base"), maxError: tolerance)
    }

    @Test(arguments: names)
    func equalsTheReferenceWithAFace(name: String) throws {
        let (unet, fixture) = try Self.load(name)
        let adapter = try FaceAdapter(fixture.tensors.scope("adapter"), for: fixture.configuration)
        let face = FaceCondition(adapter, tokens: try fixture.tensors["input.face"], scale: 0.7)
        let output = try Self.predict(unet, fixture, face: face)
        expectRelative(output, try fixture.image("output.adapted"), maxError: tolerance)
    }

    @Test func scaleZeroChangesNoBit() throws {
        let adapter = try FaceAdapter(fixture.tensors.scope("adapter"), for: fixture.configuration)
        let face = FaceCondition(adapter, tokens: try fixture.tensors["input.face"], scale: 0)
        let with = try Self.predict(unet, fixture, face: face)
        let without = try Self.predict(unet, fixture, face: nil)
        #expect(with.values.map(\.bitPattern) == without.values.map(\.bitPattern))
    }

    @Test func aBatchGivesWhatItsMembersGive() throws {
        let latents = try fixture.image("input.latents")
        let text = try fixture.tensors["input.text"]
        let together = try unet(latents, timestep: 500, encoderHiddenStates: text, face: nil)
        for index in 0..<2 {
            let alone = try unet(
                latents[index..<index + 1], timestep: 500, encoderHiddenStates: text[index..<index + 1],
                face: nil)
            // Matrix products of other sizes may sum in another order.
            expectRelative(alone, together[index..<index + 1], maxError: 1e-5)
        }
    }

    @Test func stopsWhenCancelled() throws {
        let workspace = Workspace(threadCount: 1)
        let unet = try UNet2DConditionModel(
            WeightScope(fixture.tensors.source, in: workspace).scope("unet"), fixture.configuration)
        workspace.cancel()
        #expect(throws: CancellationError.self) {
            try unet(
                .zeros([1, 16, 16, 4], in: workspace), timestep: 1,
                encoderHiddenStates: .zeros([1, 7, 12], in: workspace), face: nil)
        }
    }

    @Test func refusesWeightsOfAnotherUNet() throws {
        let other = try NetworkFixture("unet_linear", UNetConfiguration.self)
        #expect(throws: WeightsError.self) {
            try UNet2DConditionModel(fixture.tensors.scope("unet"), other.configuration)
        }
    }

    @Test func refusesAnAdapterOfAnotherUNet() throws {
        let other = try NetworkFixture("unet_linear", UNetConfiguration.self)
        #expect(throws: WeightsError.self) {
            try FaceAdapter(other.tensors.scope("adapter"), for: fixture.configuration)
        }
    }

    @Test func refusesAnAdapterForAUNetWhoseWidthsItCannotSplit() throws {
        let folder = try TemporaryDirectory()
        let file = try ConfigurationTests.changed(
            "unet_convolutional", ["block_out_channels": [12, 16], "attention_head_dim": 4], in: folder)
        let configuration = try readConfiguration(UNetConfiguration.self, from: file)
        #expect(
            throws: FaceAdapterError.headsDoNotDivide(
                file: fixture.tensors.source.origin, headCount: 8, channels: 12)
        ) { try FaceAdapter(fixture.tensors.scope("adapter"), for: configuration) }
    }

    @Test func refusesAnAdapterWhoseGatesAreClosed() throws {
        let source = ClosedGates(source: fixture.tensors.source)
        let scope = WeightScope(source, in: fixture.tensors.workspace).scope("adapter")
        #expect(throws: FaceAdapterError.closedGates(file: source.origin)) {
            try FaceAdapter(scope, for: fixture.configuration)
        }
    }
}

/// The fixture's weights with every gate at zero.
private struct ClosedGates: WeightSource {
    let source: SafetensorsFile

    var origin: String { source.origin }
    var names: [String] { source.names }
    func shape(of name: String) -> [Int]? { source.shape(of: name) }
    func releasePages() {}
    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        name.contains("alpha") ? .zeros([], in: workspace) : try source.tensor(named: name, in: workspace)
    }
}
