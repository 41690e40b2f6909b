import Tensors
import Weights

/// A TensorFlow Lite graph of floats, ready to run.
///
/// The operators are those of MediaPipe's face, pose and segmentation models: `CONV_2D`, `DEPTHWISE_CONV_2D`, `ADD`,
/// `MUL`, `PAD`, `MAX_POOL_2D`, `AVERAGE_POOL_2D`, `MEAN` over height and width, `RESIZE_BILINEAR`, `DEPTH_TO_SPACE`,
/// `CONCATENATION`, `RESHAPE`, `DEQUANTIZE` and `DENSIFY` of constants, `PRELU`, `RELU`, `HARD_SWISH`, `LOGISTIC`, and
/// MediaPipe's own `Convolution2DTransposeBias`.
public struct TFLiteNetwork: Sendable {
    /// What to call the network in a message: the file's path.
    public let origin: String
    /// The shapes of the inputs, as the file orders them; images are [batch, height, width, channels].
    public let inputShapes: [[Int]]
    /// The shapes of the outputs, as the file orders them.
    public let outputShapes: [[Int]]
    /// The names of the outputs, as the file orders them.
    public let outputNames: [String]

    private let graph: TFLiteGraph

    /// Reads a file, checks every operator with its options and shapes, and widens the constants.
    ///
    /// - Throws: `WeightsError` if the file cannot be read, is damaged, or needs an operator, an option or an element
    ///   type that is not supported; the error names it.
    public init(path: String, in workspace: Workspace) throws {
        let file = try TFLiteFile(path: path)
        graph = try TFLiteGraph(file, in: workspace)
        origin = file.origin
        inputShapes = file.inputs.map { file.tensors[$0].shape }
        outputShapes = file.outputs.map { file.tensors[$0].shape }
        outputNames = file.outputs.map { file.tensors[$0].name }
    }

    /// Makes sure that this is the network that the caller knows how to use.
    ///
    /// - Throws: `WeightsError` that names the first input or output of another shape.
    public func requireShapes(inputs: [[Int]], outputs: [[Int]]) throws {
        func check(_ found: [[Int]], _ expected: [[Int]], _ name: (Int) -> String) throws {
            for index in 0..<max(found.count, expected.count) {
                let shapes = [expected, found].map { $0.indices.contains(index) ? $0[index] : [] }
                guard shapes[0] == shapes[1] else {
                    throw WeightsError.wrongShape(
                        origin: origin, name: name(index), expected: shapes[0], found: shapes[1])
                }
            }
        }
        try check(inputShapes, inputs) { "input \($0)" }
        try check(outputShapes, outputs) {
            outputNames.indices.contains($0) ? outputNames[$0] : "output \($0)"
        }
    }

    /// Runs the graph.
    ///
    /// - Parameter inputs: tensors of ``inputShapes``, all in one workspace, which computes.
    /// - Returns: tensors of ``outputShapes``.
    /// - Throws: `CancellationError` if the inputs' workspace was cancelled.
    public func callAsFunction(_ inputs: [Tensor]) throws -> [Tensor] {
        precondition(
            inputs.map(\.shape) == inputShapes, "\(origin) wants \(inputShapes), not \(inputs.map(\.shape))")
        return try graph(inputs)
    }

    /// Runs the graph, and gives the outputs by their names.
    ///
    /// Otherwise like ``callAsFunction(_:)``.
    public func namedOutputs(_ inputs: [Tensor]) throws -> [String: Tensor] {
        Dictionary(zip(outputNames, try self(inputs))) { first, _ in first }
    }
}
