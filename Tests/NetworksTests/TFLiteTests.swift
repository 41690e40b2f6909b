import Foundation
import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Against TensorFlow Lite's own runtime, see `make_tflite_fixtures.py` and `make_tflite_graphs.py`.
struct TFLiteTests {
    private let workspace = Fixture.sharedWorkspace

    private func network(_ name: String) throws -> TFLiteNetwork {
        try TFLiteNetwork(path: "\(mediaPipeFolder)/\(name).tflite", in: workspace)
    }

    @Test(
        "The shipped graphs give what TensorFlow Lite's runtime gives",
        arguments: [
            ("face_detection_full_range_sparse", true), ("face_detection_short_range", true),
            ("face_landmark", false), ("pose_detection", true), ("pose_landmark_full", false),
            ("selfie_segmentation", false),
        ])
    func shippedGraph(name: String, isSigned: Bool) throws {
        let fixture = try Fixture.load(bundle: .module, "tflite")
        let network = try network(name)
        let outputs = try network([input(of: network, from: fixture["photo"], isSigned: isSigned)])
        #expect(outputs.map(\.shape) == network.outputShapes)
        for (index, output) in outputs.enumerated() {
            let values = output.values
            let kept = stride(from: 0, to: values.count, by: max(1, values.count / 2000)).map { values[$0] }
            // f32 sums in another order, through up to a hundred layers.
            expectRelative(
                Tensor(kept, shape: [kept.count], in: workspace), try fixture["\(name).\(index)"],
                maxError: 1e-4)
        }
    }

    /// The photo at the size and in the range of a network.
    private func input(of network: TFLiteNetwork, from photo: Tensor, isSigned: Bool) -> Tensor {
        let side = network.inputShapes[0][1]
        let values = photo.values
        let pixels = (0..<side * side * 3).map { index in
            let (y, x) = (index / 3 / side * 128 / side, index / 3 % side * 128 / side)
            return values[(y * 128 + x) * 3 + index % 3]
        }
        return Tensor(
            pixels.map { isSigned ? $0 / 127.5 - 1 : $0 / 255 }, shape: network.inputShapes[0], in: workspace)
    }

    @Test("Every operator, in its less common forms, gives what TensorFlow Lite's runtime gives")
    func everyOperator() throws {
        let fixture = try Fixture.load(bundle: .module, "tflite_operators")
        let path = try Fixture.path(bundle: .module, "tflite_operators.tflite")
        let network = try TFLiteNetwork(path: path, in: workspace)
        let outputs = try network([fixture["x"]])
        #expect(outputs.count == 21)
        for (index, output) in outputs.enumerated() {
            // f32 sums of up to a hundred products; bilinear weights near 0.5 lose two bits.
            expectRelative(output, try fixture["y\(index)"], maxError: 2e-6)
        }
        let named = try network.namedOutputs([fixture["x"]])
        #expect(named.count == 21 && named[network.outputNames[3]]?.values == outputs[3].values)
    }

    @Test("A cancelled workspace stops a network")
    func cancellation() throws {
        let network = try network("selfie_segmentation")
        let workspace = Workspace(threadCount: 1)
        workspace.cancel()
        #expect(throws: CancellationError.self) {
            try network([.zeros([1, 256, 256, 3], in: workspace)])
        }
    }

    @Test("A network of another kind is refused by the shapes that its user expects")
    func otherKind() throws {
        let network = try network("selfie_segmentation")
        try network.requireShapes(inputs: [[1, 256, 256, 3]], outputs: [[1, 256, 256, 1]])
        #expect(
            throws: WeightsError.wrongShape(
                origin: network.origin, name: "input 0", expected: [1, 192, 192, 3], found: [1, 256, 256, 3])
        ) { try network.requireShapes(inputs: [[1, 192, 192, 3]], outputs: [[1, 256, 256, 1]]) }
        #expect(
            throws: WeightsError.wrongShape(
                origin: network.origin, name: "output 1", expected: [1, 1], found: [])
        ) {
            try network.requireShapes(inputs: network.inputShapes, outputs: network.outputShapes + [[1, 1]])
        }
    }
}

/// The folder of the shipped graphs.
let mediaPipeFolder = URL(fileURLWithPath: #filePath).appending(path: "../../../Models/perception/mediapipe")
    .standardized.path
