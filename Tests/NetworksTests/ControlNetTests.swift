import Foundation
import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Float sums in another order differ by about 1e-6 of a layer's range; up to sixty layers stay below 5e-5.
private let tolerance: Float = 5e-5

/// Two ControlNets and a UNet of random weights, and what diffusers computes with them.
struct ControlNetFixture {
    private struct Description: Decodable {
        let unet: UNetConfiguration
        let controlnet: ControlNetConfiguration
        let shapes: [String: [String: [Int]]]
    }

    static let firstScale: Float = 0.8
    static let secondScale: Float = 0.35

    let tensors: Fixture
    let unetSizes: UNetConfiguration
    let sizes: ControlNetConfiguration
    private let shapes: [String: [String: [Int]]]

    init(_ name: String) throws {
        tensors = try Fixture.load(bundle: .module, name)
        let file = URL(fileURLWithPath: try Fixture.path(bundle: .module, "\(name).json"))
        let description = try readConfiguration(Description.self, from: file)
        (unetSizes, sizes, shapes) = (description.unet, description.controlnet, description.shapes)
    }

    /// The weights of `first`, `second` or `unet`.
    func weights(_ group: String, changing change: (inout [String: [Int]]) -> Void = { _ in }) -> WeightScope
    {
        var shapes = shapes[group == "unet" ? "unet" : "first"] ?? [:]
        change(&shapes)
        return WeightScope(RandomWeights(shapes: shapes, group: group), in: tensors.workspace)
    }

    func controlNet(_ group: String) throws -> ControlNet { try ControlNet(weights(group), sizes) }

    func image(_ name: String) throws -> Tensor { try tensors[name].transposed([0, 2, 3, 1]) }

    /// A network's answer to the fixture's picture and text.
    func answer(of network: ControlNet, scale: Float) throws -> ControlResiduals {
        try network(
            image("input.latents"), timestep: tensors["input.timestep"].values[0],
            condition: network.condition(on: tensors["input.text"], picture: image("input.picture")),
            scale: scale)
    }

    func prediction(control: ControlResiduals?) throws -> Tensor {
        let unet = try UNet2DConditionModel(weights("unet"), unetSizes)
        return try unet(
            image("input.latents"), timestep: tensors["input.timestep"].values[0],
            text: unet.condition(on: tensors["input.text"]), face: nil, control: control)
    }
}

struct ControlNetTests {
    private static let names = ["controlnet_small", "controlnet_embedded", "controlnet_stable_diffusion"]

    @Test(arguments: names)
    func answersAsDiffusersDoes(name: String) throws {
        let fixture = try ControlNetFixture(name)
        let answer = try fixture.answer(
            of: fixture.controlNet("first"), scale: ControlNetFixture.firstScale)
        for (index, state) in answer.down.enumerated() {
            expectRelative(state, try fixture.image("output.down.\(index)"), maxError: tolerance)
        }
        #expect(!fixture.tensors.source.names.contains("output.down.\(answer.down.count)"))
        expectRelative(answer.middle, try fixture.image("output.middle"), maxError: tolerance)
    }

    @Test(arguments: names)
    func guidesAUNetAsDiffusersDoes(name: String) throws {
        let fixture = try ControlNetFixture(name)
        let first = try fixture.answer(of: fixture.controlNet("first"), scale: ControlNetFixture.firstScale)
        let second = try fixture.answer(
            of: fixture.controlNet("second"), scale: ControlNetFixture.secondScale)
        expectRelative(
            try fixture.prediction(control: nil), try fixture.image("output.base"), maxError: tolerance)
        expectRelative(
            try fixture.prediction(control: first), try fixture.image("output.unet"), maxError: tolerance)
        expectRelative(
            try fixture.prediction(control: first + second), try fixture.image("output.both"),
            maxError: tolerance)
    }

    @Test func scaleZeroAddsNothing() throws {
        let fixture = try ControlNetFixture("controlnet_small")
        let silent = try fixture.answer(of: fixture.controlNet("first"), scale: 0)
        #expect(try fixture.prediction(control: silent).values == fixture.prediction(control: nil).values)
    }

    @Test func saysWhichModelItIsFor() throws {
        let small = try ControlNetFixture("controlnet_small")
        let network = try small.controlNet("first")
        try network.check(fits: small.unetSizes, pixelsPerLatent: 2)
        #expect(
            throws: ControlNetError.otherUNet(
                file: "first", property: "number of pixels in a latent", expected: "8", found: "2")
        ) { try network.check(fits: small.unetSizes, pixelsPerLatent: 8) }
        let other = try ControlNetFixture("controlnet_stable_diffusion")
        #expect(
            throws: ControlNetError.otherUNet(
                file: "first", property: "block_out_channels", expected: "[16, 32, 32, 32]", found: "[8, 16]")
        ) { try network.check(fits: other.unetSizes, pixelsPerLatent: 2) }
    }

    @Test func refusesWeightsThatAreNotWhole() throws {
        let fixture = try ControlNetFixture("controlnet_small")
        let name = "controlnet_cond_embedding.blocks.1.weight"
        #expect(throws: WeightsError.missingTensor(origin: "first", name: name)) {
            try ControlNet(fixture.weights("first") { $0[name] = nil }, fixture.sizes)
        }
        #expect(
            throws: WeightsError.wrongShape(
                origin: "first", name: name, expected: [6, 4, 3, 3], found: [6, 4, 1, 1])
        ) { try ControlNet(fixture.weights("first") { $0[name] = [6, 4, 1, 1] }, fixture.sizes) }
        #expect(throws: WeightsError.unreadTensors(origin: "first", names: ["controlnet_down_blocks.6.bias"]))
        {
            try ControlNet(
                fixture.weights("first") { $0["controlnet_down_blocks.6.bias"] = [16] }, fixture.sizes)
        }
    }

    @Test func refusesAUNet() throws {
        let fixture = try ControlNetFixture("controlnet_small")
        let error = #expect(throws: WeightsError.self) {
            try ControlNet(fixture.weights("unet"), fixture.sizes)
        }
        guard case .missingTensor = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func stopsWhenCancelled() throws {
        let fixture = try ControlNetFixture("controlnet_small")
        let network = try fixture.controlNet("first")
        let condition = try network.condition(
            on: fixture.tensors["input.text"], picture: fixture.image("input.picture"))
        let workspace = Workspace(threadCount: 1)
        workspace.cancel()
        #expect(throws: CancellationError.self) {
            try network(.zeros([2, 8, 12, 4], in: workspace), timestep: 1, condition: condition, scale: 1)
        }
    }

    @Test(arguments: [
        ("global_pool_conditions", true as any Sendable, "global_pool_conditions is true"),
        ("controlnet_conditioning_channel_order", "grb", "it knows rgb and bgr"),
        ("conditioning_embedding_out_channels", [Int](), "must be a list of 1 to 8 widths"),
        ("conditioning_embedding_out_channels", [16, 0], "must be a whole number from 1 to 65536"),
        ("conditioning_channels", -3, "must be a whole number from 1 to 65536"),
        ("block_out_channels", [320, 640], "as many as block_out_channels has"),
    ])
    func refusesConfigurationsThatItCannotRun(key: String, value: any Sendable, message: String) throws {
        let folder = try TemporaryDirectory()
        let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(
                "Models/stable-diffusion-v1/controlnet/config.json")
        let sizes = try readConfiguration(ControlNetConfiguration.self, from: shipped)
        #expect(sizes.pixelsPerLatent == 8 && sizes.channelOrder == .rgb)
        var object =
            try JSONSerialization.jsonObject(with: Data(contentsOf: shipped)) as? [String: Any] ?? [:]
        object[key] = value
        let file = URL(
            fileURLWithPath: try folder.write(
                JSONSerialization.data(withJSONObject: object), to: "config.json"))
        let error = #expect(throws: ConfigurationError.self) {
            try readConfiguration(ControlNetConfiguration.self, from: file)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
}
