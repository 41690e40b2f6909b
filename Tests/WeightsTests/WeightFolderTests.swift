import Foundation
import Tensors
import TestSupport
import Testing
import Weights

@Suite struct WeightFolderTests {
    private let workspace = Workspace(threadCount: 1)
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func write(_ name: String, _ values: [String: Float]) throws {
        let tensors = values.mapValues { Tensor([$0], shape: [1], in: workspace) }
        try SafetensorsWriter.write(tensors, to: folder.file(name))
    }

    private func value(_ name: String) throws -> [Float] {
        try WeightFile.open(folder.path).tensor(named: name, in: workspace).values
    }

    @Test func fullPrecisionIsPreferredToHalf() throws {
        try write("diffusion_pytorch_model.fp16.safetensors", ["w": 1])
        #expect(try value("w") == [1])
        try write("diffusion_pytorch_model.safetensors", ["w": 2])
        #expect(try value("w") == [2])
    }

    @Test func shardsAreOneSource() throws {
        try write("a.safetensors", ["x": 1])
        try write("b.safetensors", ["y": 2])
        _ = try folder.write(
            Data(
                #"{"metadata":{"total_size":8},"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}"#.utf8),
            to: "model.safetensors.index.json")
        #expect(try value("x") == [1] && value("y") == [2])
        #expect(try WeightFile.open(folder.path).names == ["x", "y"])
    }

    @Test(arguments: [
        (#"{"weight_map":{"x":"../a.safetensors"}}"#, "outside its folder"),
        (#"{"weight_map":{"x":"/etc/passwd"}}"#, "outside its folder"),
        (#"{"weight_map":{"z":"a.safetensors"}}"#, "does not hold the tensor \"z\""),
        (#"{"weight_map":{"x":"a.safetensors","x":"a.safetensors"}}"#, "twice"),
        (#"{"weight_map":{}}"#, "has no \"weight_map\""),
        (#"{"weight_map":{"x":"#, "expected at byte"),
    ])
    func damagedIndexesAreRefused(index: String, complaint: String) throws {
        try write("a.safetensors", ["x": 1])
        _ = try folder.write(Data(index.utf8), to: "model.safetensors.index.json")
        let error = #expect(throws: WeightsError.self) { try WeightFile.open(folder.path) }
        #expect(error?.description.contains(complaint) == true, "\(error?.description ?? "")")
    }

    @Test func emptyFoldersSayWhatIsMissing() {
        let error = #expect(throws: WeightsError.self) { try WeightFile.open(folder.path) }
        #expect(error?.description.contains("holds no weights") == true)
    }
}
