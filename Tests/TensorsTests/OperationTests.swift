import Foundation
import Tensors
import TestSupport
import Testing

/// Every operation against PyTorch (make_operations_fixtures.py), with both tables of kernels and one or two threads.
struct OperationTests {
    /// A workspace with a name for the test's output.
    struct Engine: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let workspace: Workspace

        static let all = [
            Engine(testDescription: "scalar", workspace: Workspace(threadCount: 1, kernelLevel: .scalar)),
            Engine(testDescription: "best", workspace: Workspace(threadCount: 2, kernelLevel: .best)),
            Engine(testDescription: "best, alone", workspace: Workspace(threadCount: 1, kernelLevel: .best)),
        ]

        func fixture() throws -> Fixture { try Fixture.load(bundle: .module, "operations", in: workspace) }
    }

    @Test(arguments: Engine.all) func activations(_ engine: Engine) throws {
        let fixture = try engine.fixture()
        let x = try fixture["activations.x"]
        let operations: [(String, (consuming Tensor) -> Tensor)] = [
            ("silu", silu), ("gelu", gelu), ("quickGELU", quickGELU), ("relu", relu), ("relu6", relu6),
            ("sigmoid", sigmoid), ("tanh", Tensors.tanh),
        ]
        for (name, operation) in operations {
            // A few units in the last place.
            expectClose(operation(x), try fixture["activations.\(name)"], absolute: 1e-7, relative: 1e-6)
        }
        expectClose(
            prelu(try fixture["prelu.x"], slopes: try fixture["prelu.slopes"]), try fixture["prelu.y"],
            absolute: 0,
            relative: 1e-7)
        expectClose(geglu(try fixture["geglu.x"]), try fixture["geglu.y"], absolute: 2e-7, relative: 1e-6)
    }

    /// Includes rows whose exponentials overflow unless the maximum is subtracted.
    @Test(arguments: Engine.all) func softmaxOfLargeNumbers(_ engine: Engine) throws {
        let fixture = try engine.fixture()
        expectClose(
            softmax(try fixture["softmax.x"]), try fixture["softmax.y"], absolute: 1e-7, relative: 2e-6)
    }

    @Test(arguments: Engine.all) func normalizations(_ engine: Engine) throws {
        let fixture = try engine.fixture()
        func parameters(_ name: String) throws -> (x: Tensor, weight: Tensor, bias: Tensor) {
            (try fixture["\(name).x"], try fixture["\(name).weight"], try fixture["\(name).bias"])
        }
        let layer = try parameters("layerNorm")
        expectClose(
            layerNorm(layer.x, weight: layer.weight, bias: layer.bias, epsilon: 1e-5),
            try fixture["layerNorm.y"],
            absolute: 2e-6, relative: 2e-6)
        // The mean is 40 deviations, so six bits of the inputs' precision are gone.
        let group = try parameters("groupNorm")
        expectClose(
            groupNorm(group.x, groupCount: 3, weight: group.weight, bias: group.bias, epsilon: 1e-6),
            try fixture["groupNorm.y"], absolute: 3e-5, relative: 1e-5)
        expectClose(
            groupNormSiLU(group.x, groupCount: 3, weight: group.weight, bias: group.bias, epsilon: 1e-6),
            try fixture["groupNorm.silu"], absolute: 3e-5, relative: 1e-5)
        let batch = try parameters("batchNorm")
        expectClose(
            batchNorm(
                batch.x, mean: try fixture["batchNorm.mean"], variance: try fixture["batchNorm.variance"],
                weight: batch.weight, bias: batch.bias, epsilon: 1e-5), try fixture["batchNorm.y"],
            absolute: 2e-6,
            relative: 2e-6)
    }

    @Test(
        arguments: Engine.all,
        [
            ("stride2", 2, Padding(1)), ("asymmetric", 2, Padding(top: 0, left: 0, bottom: 1, right: 1)),
            ("patch", 7, Padding.none), ("pointwise", 1, Padding.none), ("shortcut", 2, Padding.none),
            ("winograd", 1, Padding(1)),
        ])
    func convolutions(_ engine: Engine, _ example: (name: String, stride: Int, padding: Padding)) throws {
        let fixture = try engine.fixture()
        let name = "convolution.\(example.name)"
        let actual = convolution2D(
            try fixture["\(name).x"], weight: ConvolutionWeight(try fixture["\(name).weight"]),
            bias: try fixture["\(name).bias"], stride: example.stride, padding: example.padding)
        // f32 sums; Winograd's transforms enlarge the roundings about tenfold.
        expectRelative(actual, try fixture["\(name).y"], maxError: example.name == "winograd" ? 3e-6 : 1e-6)
    }

    @Test(arguments: Engine.all, [("self", 1), ("text", 2), ("long", 2), ("wide", 1)])
    func attentions(_ engine: Engine, _ example: (name: String, headCount: Int)) throws {
        let fixture = try engine.fixture()
        let name = "attention.\(example.name)"
        let actual = attention(
            query: try fixture["\(name).query"], key: try fixture["\(name).key"],
            value: try fixture["\(name).value"],
            headCount: example.headCount)
        expectRelative(actual, try fixture["\(name).y"], maxError: 3e-6)
    }

    @Test(arguments: Engine.all) func causalAttention77(_ engine: Engine) throws {
        let fixture = try engine.fixture()
        let actual = causalAttention(
            query: try fixture["attention.causal.query"], key: try fixture["attention.causal.key"],
            value: try fixture["attention.causal.value"], headCount: 3)
        expectRelative(actual, try fixture["attention.causal.y"], maxError: 3e-6)
    }

    @Test(arguments: Engine.all) func resampling(_ engine: Engine) throws {
        let fixture = try engine.fixture()
        let x = try fixture["maxPool.x"]
        func expectEqual(_ actual: Tensor, _ name: String) throws {
            expectClose(actual, try fixture[name], absolute: 0, relative: 0)
        }
        try expectEqual(maxPool2D(x, size: 3, stride: 2, roundingUp: true), "maxPool.up")
        try expectEqual(maxPool2D(x, size: 3, stride: 2, roundingUp: false), "maxPool.down")
        try expectEqual(maxPool2D(x, size: 2, stride: 2, roundingUp: true), "maxPool.two")
        try expectEqual(maxPool2D(x, size: 1, stride: 4, roundingUp: true), "maxPool.sparse")
        try expectEqual(upsampleNearest2x(x), "upsample.y")
    }
}
