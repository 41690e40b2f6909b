import Tensors
import TestSupport
import Testing
import Weights

/// Tensors of zeros (or given values) under the given names and shapes.
struct InMemoryWeights: WeightSource {
    var origin = "memory"
    var tensors: [String: (shape: [Int], values: [Float])]

    init(_ shapes: [String: [Int]]) {
        tensors = shapes.mapValues { ($0, [Float](repeating: 0, count: $0.reduce(1, *))) }
    }

    init(values: [String: (shape: [Int], values: [Float])]) {
        tensors = values
    }

    var names: [String] { tensors.keys.sorted() }
    func shape(of name: String) -> [Int]? { tensors[name]?.shape }
    func releasePages() {}

    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        guard let tensor = tensors[name] else { throw WeightsError.missingTensor(origin: origin, name: name) }
        return Tensor(tensor.values, shape: tensor.shape, in: workspace)
    }
}

@Suite struct WeightScopeTests {
    let workspace = Workspace(threadCount: 1)

    func scope(_ shapes: [String: [Int]]) -> WeightScope {
        WeightScope(InMemoryWeights(shapes), in: workspace)
    }

    @Test func scopesDescendLikeFolders() throws {
        let block = scope(["down.0.norm.weight": [4], "down.0.bias": [2], "down.01.weight": [1]]).scope(
            "down.0")
        #expect(try block.scope("norm").tensor("weight", [4]).shape == [4])
        #expect(try block.tensor("bias", [2]).shape == [2])
        #expect(block.names == ["bias", "norm.weight"])
    }

    @Test func containsFindsTensorsAndWhatIsAboveThem() {
        let root = scope(["down.0.norm.weight": [4]])
        #expect(root.contains("down"))
        #expect(root.contains("down.0.norm"))
        #expect(root.scope("down.0").contains("norm.weight"))
        #expect(!root.contains("down.0.norm.wei"))
        #expect(!root.contains("norm"))
    }

    @Test func aMissingTensorIsNamedInFull() {
        #expect(throws: WeightsError.missingTensor(origin: "memory", name: "mid.conv.weight")) {
            try scope([:]).scope("mid").tensor("conv.weight", [1])
        }
    }

    @Test func aWrongShapeIsNamedWithBothShapes() {
        #expect(
            throws: WeightsError.wrongShape(
                origin: "memory", name: "conv.weight", expected: [2, 3], found: [3, 2])
        ) {
            try scope(["conv.weight": [3, 2]]).tensor("conv.weight", [2, 3])
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity], [0, 14, 15, 16, 17, 31, 32, 36])
    func valuesThatAreNotFiniteAreRefused(value: Float, index: Int) {
        var values = [Float](repeating: 3e38, count: 37)
        values[index] = value
        let source = InMemoryWeights(values: ["w": ([37], values)])
        #expect(throws: WeightsError.notFinite(origin: "memory", name: "w", count: 1)) {
            try WeightScope(source, in: workspace).tensor("w", [37])
        }
    }

    @Test func theLargestFiniteValuesPass() throws {
        let values = [Float](repeating: .greatestFiniteMagnitude, count: 40)
        let source = InMemoryWeights(values: ["w": ([40], values)])
        #expect(try WeightScope(source, in: workspace).tensor("w", [40]).values == values)
    }

    @Test func finishNamesWhatWasNeverRead() throws {
        let root = scope(["a.x": [1], "a.y": [1], "b.z": [1]])
        _ = try root.scope("a").tensor("x", [1])
        #expect(throws: WeightsError.unreadTensors(origin: "memory", names: ["a.y", "b.z"])) {
            try root.finish(ignoring: [])
        }
        #expect(throws: WeightsError.unreadTensors(origin: "memory", names: ["a.y"])) {
            try root.scope("a").finish(ignoring: [])
        }
        #expect(throws: Never.self) { try root.scope("a").finish(ignoring: ["y"]) }
        _ = try root.scope("b").tensor("z", [1])
        #expect(throws: Never.self) { try root.finish(ignoring: ["a.y"]) }
    }

    @Test func aTensorThatFailedItsShapeCheckWasNotRead() {
        let root = scope(["a": [1]])
        _ = try? root.tensor("a", [2])
        #expect(throws: WeightsError.unreadTensors(origin: "memory", names: ["a"])) {
            try root.finish(ignoring: [])
        }
    }
}
