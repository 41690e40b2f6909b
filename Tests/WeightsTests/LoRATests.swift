import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// The weights below a prefix of a source, under the names without it.
private struct Subtree: WeightSource {
    let base: any WeightSource
    let prefix: String

    var origin: String { base.origin }
    var names: [String] {
        base.names.compactMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
    }
    func shape(of name: String) -> [Int]? { base.shape(of: prefix + name) }
    func releasePages() {}
    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        try base.tensor(named: prefix + name, in: workspace)
    }
}

@Suite struct LoRATests {
    let fixture: Fixture
    let model: any WeightSource

    init() throws {
        fixture = try Fixture.load(bundle: .module, "lora_model")
        model = Subtree(base: fixture.source, prefix: "model.")
    }

    private func file(_ dialect: String) throws -> LoRAFile {
        try LoRAFile(Fixture.load(bundle: .module, "lora_\(dialect)").source)
    }

    /// Every weight of both networks; here one source serves as both.
    private func expectMerged(_ merge: LoRAMerge, equals prefix: String) throws {
        for name in model.names {
            let source = name.hasPrefix("text_model.") ? merge.textEncoder : merge.unet
            let merged = try source.tensor(named: name, in: fixture.workspace)
            // The reference is in double precision; ranks of 4 leave float32 a few roundings.
            try expectRelative(merged, fixture["\(prefix)\(name)"], maxError: 1e-6)
        }
    }

    @Test(arguments: ["kohya", "original", "locon", "processor", "peft"])
    func everyDialectMergesAsInPyTorch(dialect: String) throws {
        let merge = try LoRAMerge([(file(dialect), 0.7)], unet: model, textEncoder: model)
        try expectMerged(merge, equals: "merged.\(dialect).")
    }

    @Test func severalAreAdded() throws {
        let merge = try LoRAMerge(
            [(file("kohya"), 0.7), (file("original"), -0.4)], unet: model, textEncoder: model)
        try expectMerged(merge, equals: "both.")
    }

    @Test func weightZeroLeavesEveryBit() throws {
        let merge = try LoRAMerge([(file("kohya"), 0)], unet: model, textEncoder: model)
        for name in model.names {
            let merged = try merge.unet.tensor(named: name, in: fixture.workspace)
            #expect(try merged.values == model.tensor(named: name, in: fixture.workspace).values)
        }
        #expect(merge.reports.isEmpty)
    }

    @Test func whatHasNoPlaceIsNamed() throws {
        let merge = try LoRAMerge([(file("kohya"), 1)], unet: model, textEncoder: model)
        let report = try #require(merge.reports.first)
        #expect(report.appliedCount == 15 && report.totalCount == 16)
        #expect(
            report.description.hasSuffix(
                "applied 15 of 16 keys; without a place: \"lora_unet_no_such_block_to_q.alpha\"."))
    }

    @Test func filesThatCannotHelpSaySo() throws {
        let workspace = fixture.workspace
        func error(_ tensors: [String: Tensor]) throws -> String? {
            let folder = try TemporaryDirectory()
            try SafetensorsWriter.write(tensors, to: folder.file("x.safetensors"))
            let found = #expect(throws: WeightsError.self) {
                let file = try LoRAFile(WeightFile.open(folder.file("x.safetensors")))
                let merge = try LoRAMerge([(file, 1)], unet: model, textEncoder: model)
                for name in model.names { _ = try merge.unet.tensor(named: name, in: workspace) }
            }
            return found?.description
        }
        let query = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
        let key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
        let some = Tensor.zeros([4, 8], in: workspace)
        #expect(try error(["x.weight": some])?.contains("holds no LoRA") == true)
        #expect(try error(["\(query).lora_down.weight": some])?.contains("fits no layer") == true)
        #expect(try error(["\(query).hada_w1_a": some])?.contains("of the kind LoHa") == true)
        #expect(try error(["\(query).dora_scale": some])?.contains("of the kind DoRA") == true)
        #expect(
            try error([
                "\(key).lora_down.weight": .zeros([4, 2048], in: workspace),
                "\(key).lora_up.weight": .zeros([8, 4], in: workspace),
            ])?.contains("made for Stable Diffusion XL") == true)
        #expect(
            try error([
                "\(query).lora_down.weight": some, "\(query).lora_up.weight": .zeros([8, 3], in: workspace),
            ])?.contains("does not fit its counterpart") == true)
    }
}
