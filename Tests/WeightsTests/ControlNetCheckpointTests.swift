import Foundation
import Tensors
import TestSupport
import Testing
import Weights

@Suite struct ControlNetCheckpointTests {
    /// Original name to diffusers name, as diffusers converts them: all 340 tensors of Stable Diffusion 1.5's network.
    private let keys: [String: String]

    init() throws {
        let file = try Fixture.path(bundle: .module, "controlnet_keys.json")
        keys = try JSONDecoder().decode(
            [String: String].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    }

    private func source(_ names: some Sequence<String>) -> RandomWeights {
        RandomWeights(shapes: names.reduce(into: [:]) { $0[$1] = [2] }, group: "control.pth")
    }

    @Test(arguments: ["control_model.", ""])
    func everyOriginalNameIsTranslated(prefix: String) throws {
        let names = keys.keys.map { prefix + $0.dropFirst("control_model.".count) }
        let checkpoint = try ControlNetCheckpoint(source(names))
        #expect(keys.count == 340)
        #expect(checkpoint.isOriginalFormat)
        #expect(checkpoint.network.names == keys.values.sorted())
        #expect(checkpoint.network.origin == "control.pth (ControlNet)")
    }

    @Test func everyTensorIsTheOneThatDiffusersTakes() throws {
        let original = source(keys.keys)
        let network = try ControlNetCheckpoint(original).network
        for (old, new) in keys {
            let workspace = Fixture.sharedWorkspace
            let expected = try original.tensor(named: old, in: workspace).values
            #expect(try network.tensor(named: new, in: workspace).values == expected, "\(new)")
        }
    }

    @Test func stableDiffusionBesideItIsLeftAside() throws {
        let more = ["model.diffusion_model.out.2.weight", "first_stage_model.quant_conv.weight"]
        #expect(
            try ControlNetCheckpoint(source(Array(keys.keys) + more)).network.names == keys.values.sorted())
    }

    @Test func diffusersNamesStayAsTheyAre() throws {
        let checkpoint = try ControlNetCheckpoint(source(keys.values))
        #expect(!checkpoint.isOriginalFormat)
        #expect(checkpoint.network.names == keys.values.sorted())
    }

    @Test(arguments: [
        ("lora_unet_mid_block.lora_up.weight", "a LoRA"),
        ("up_blocks.0.resnets.0.norm1.weight", "a model's denoiser"),
        ("model.diffusion_model.output_blocks.0.0.in_layers.0.weight", "a model's denoiser"),
        ("x", "something else: it has no tensor \"controlnet_mid_block.weight\""),
    ])
    func otherNetworksAreRefused(name: String, found: String) throws {
        let error = #expect(throws: WeightsError.self) { try ControlNetCheckpoint(source([name])) }
        #expect(error == .notControlNet(origin: "control.pth", found: found))
        #expect(error?.description == "control.pth is not a ControlNet but \(found).")
    }
}
