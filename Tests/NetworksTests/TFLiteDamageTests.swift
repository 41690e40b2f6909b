import Foundation
import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Graphs that are wrong in one way, see `make_tflite_graphs.py`: each is refused with an error that says so.
struct TFLiteDamageTests {
    private let workspace = Workspace(threadCount: 1)
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func damaged(_ name: String) throws -> TFLiteNetwork {
        let bytes = try Fixture.load(bundle: .module, "tflite_damaged")[name].values.map { UInt8($0) }
        return try TFLiteNetwork(path: directory.write(bytes, to: "graph.tflite"), in: workspace)
    }

    @Test func theUndamagedGraphRuns() throws {
        let outputs = try damaged("none")([.zeros([1, 4, 4, 2], in: workspace)])
        #expect(outputs.map(\.shape) == [[1, 4, 4, 2]])
    }

    @Test(
        arguments: [
            ("quantised", "\"tensor1\" is quantised"),
            ("int8", "\"tensor0\" is stored as INT8"),
            ("negative shape", "\"tensor0\" has the impossible shape [1, -4, 4, 2]"),
            ("empty shape", "\"tensor0\" has the impossible shape [1, 0, 4, 2]"),
            ("huge shape", "\"tensor0\" has the impossible shape"),
            ("large shape", "\"tensor0\" has the impossible shape"),
            (
                "other shape",
                "operator 0 (CONV_2D) cannot be computed: its result is declared as [1, 4, 4, 2]"
            ),
            ("no image", "operator 0 (CONV_2D) cannot be computed: its input of shape [16, 2] is no image"),
            ("unknown operator", "it needs the operator \"SOFTMAX\""),
            ("unknown custom operator", "it needs the operator \"Warp\""),
            ("tensor index", "tensor 99 is named"),
            ("output index", "tensor -1 is named"),
            ("buffer index", "buffer 77 is named"),
            ("code index", "operator code 5 is named"),
            ("no weight", "operator 0 (CONV_2D) cannot be computed: its weight is missing"),
            ("two outputs", "operator 0 (CONV_2D) cannot be computed: it does not have one result"),
            ("computed twice", "operator 1 (RELU) cannot be computed: it does not have one result"),
            (
                "computed late",
                "operator 0 (CONV_2D) cannot be computed: an input is used before it is computed"
            ),
            ("dilation", "operator 0 (CONV_2D) cannot be computed: its dilation is 2"),
            ("zero stride", "operator 0 (CONV_2D) cannot be computed: its stride in x is 0"),
            ("strides", "operator 0 (CONV_2D) cannot be computed: its strides 2 and 1 differ"),
            ("activation", "operator 0 (CONV_2D) cannot be computed: its activation number 4 is not known"),
            ("not finite", "\"tensor1\" holds 1 values that are infinite or not a number"),
            ("short data", "\"tensor1\" needs 16 bytes but is given 12"),
        ])
    func isRefused(name: String, sentence: String) throws {
        let error = #expect(throws: WeightsError.self) { try damaged(name) }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "no error")")
    }

    @Test func everyChangedByteGivesANetworkOrAnError() throws {
        let path = try Fixture.path(bundle: .module, "tflite_operators.tflite")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        // A step without a common factor with the 4 bytes of most numbers.
        for index in stride(from: 0, to: bytes.count, by: 5) {
            for value in [0x00, 0xFF, bytes[index] ^ 0x12] where value != bytes[index] {
                var changed = bytes
                changed[index] = value
                try expectNetworkOrError(changed)
            }
        }
    }

    @Test func everyTruncationGivesAnError() throws {
        let path = try Fixture.path(bundle: .module, "tflite_operators.tflite")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        for length in stride(from: 0, to: bytes.count, by: 3) {
            #expect(throws: WeightsError.self) {
                try TFLiteNetwork(path: directory.write(bytes[..<length], to: "graph.tflite"), in: workspace)
            }
        }
    }

    @Test func damagedSparseFilesGiveANetworkOrAnError() throws {
        let path = "\(mediaPipeFolder)/face_detection_full_range_sparse.tflite"
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        var generator = RepeatableGenerator(seed: 5)
        for _ in 0..<40 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            try expectNetworkOrError(changed)
        }
    }

    /// Whatever is not refused must run.
    private func expectNetworkOrError(_ bytes: [UInt8]) throws {
        do {
            let network = try TFLiteNetwork(path: directory.write(bytes, to: "graph.tflite"), in: workspace)
            let inputs = network.inputShapes.map { Tensor.zeros($0, in: workspace) }
            #expect(try network(inputs).map(\.shape) == network.outputShapes)
        } catch let error as WeightsError {
            #expect(!error.description.isEmpty)
        }
    }
}
