import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Names and shapes without values.
private struct NamesOnly: WeightSource {
    let shapes: [String: [Int]]
    var origin: String { "model.ckpt" }
    var names: [String] { shapes.keys.sorted() }
    func shape(of name: String) -> [Int]? { shapes[name] }
    func releasePages() {}
    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        .zeros(shapes[name] ?? [], in: workspace)
    }
}

@Suite struct SingleFileCheckpointTests {
    /// For each network, original name to new name: all 1,130 tensors of Stable Diffusion 1.5.
    private let keys: [String: [String: String]]

    init() throws {
        let file = try Fixture.path(bundle: .module, "stable_diffusion_keys.json")
        keys = try JSONDecoder().decode(
            [String: [String: String]].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    }

    private var shapes: [String: [Int]] {
        keys.values.flatMap(\.keys).reduce(into: [:]) { $0[$1] = [1] }
    }

    @Test func everyNameOfStableDiffusionIsTranslated() throws {
        let checkpoint = try SingleFileCheckpoint(NamesOnly(shapes: shapes))
        #expect(shapes.count == 1130)
        #expect(checkpoint.unet.names == keys["unet"]?.values.sorted())
        #expect(checkpoint.autoencoder.names == keys["vae"]?.values.sorted())
        let text = keys["text_encoder"]?.values.map { $0.hasPrefix("text_model.") ? $0 : "text_model.\($0)" }
        #expect(checkpoint.textEncoder.names == text?.sorted())
    }

    @Test func contentsThatAreNoNetworkAreLeftAside() throws {
        let extra = [
            "betas", "model_ema.decay", "model_ema.diffusion_modelout2bias", "first_stage_model.loss.logvar",
            "cond_stage_model.transformer.text_model.embeddings.position_ids",
        ]
        let all = extra.reduce(into: shapes) { $0[$1] = [1] }
        let checkpoint = try SingleFileCheckpoint(NamesOnly(shapes: all))
        let count =
            checkpoint.unet.names.count + checkpoint.autoencoder.names.count
            + checkpoint.textEncoder.names.count
        #expect(count == 1130)
    }

    @Test func attentionConvolutionsBecomeLinear() throws {
        var all = shapes
        all["first_stage_model.decoder.mid.attn_1.q.weight"] = [8, 8, 1, 1]
        all["first_stage_model.decoder.up.0.block.0.nin_shortcut.weight"] = [8, 4, 1, 1]
        let autoencoder = try SingleFileCheckpoint(NamesOnly(shapes: all)).autoencoder
        #expect(autoencoder.shape(of: "decoder.mid_block.attentions.0.to_q.weight") == [8, 8])
        #expect(autoencoder.shape(of: "decoder.up_blocks.3.resnets.0.conv_shortcut.weight") == [8, 4, 1, 1])
    }

    @Test func otherModelsAreCalledByTheirNames() {
        func complaint(_ names: [String: [Int]]) -> String {
            let error = #expect(throws: WeightsError.self) {
                try SingleFileCheckpoint(NamesOnly(shapes: names))
            }
            return error?.description ?? ""
        }
        let input = "model.diffusion_model.input_blocks.0.0.weight"
        #expect(complaint([input: [320, 9, 3, 3]]).contains("an inpainting model"))
        #expect(complaint([input: [320, 8, 3, 3]]).contains("an InstructPix2Pix model"))
        #expect(
            complaint([input: [320, 4, 3, 3], "conditioner.embedders.0.x": [1]]).contains(
                "Stable Diffusion XL"))
        #expect(
            complaint([input: [320, 4, 3, 3], "cond_stage_model.model.x": [1]]).contains("Stable Diffusion 2")
        )
        #expect(complaint(["lora_unet_x.lora_up.weight": [1]]).contains("a LoRA; give it with --lora"))
        #expect(complaint(["local_fac_prj.latents": [1]]).contains("a face adapter; give it with --adapter"))
        #expect(complaint(["x": [1]]).contains("no Stable Diffusion checkpoint"))
    }
}
