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

/// The operators in order, each with the tensors it takes and gives.
private struct TFLiteGraph: Sendable {
    private struct Step: Sendable {
        let layer: any TFLiteLayer
        let operands: [Int]
        let output: Int
        /// The tensors that nobody needs after this step.
        var finished: [Int] = []
    }

    private let inputs: [Int]
    private let outputs: [Int]
    private var steps: [Step] = []
    /// Constants, and places for values, by the file's index of the tensor.
    private var values: [Tensor?]

    init(_ file: TFLiteFile, in workspace: Workspace) throws {
        var constants = Constants(file, workspace)
        var computed = Set(file.inputs)
        (inputs, outputs) = (file.inputs, file.outputs)
        values = Array(repeating: nil, count: file.tensors.count)
        for index in inputs {
            let tensor = file.tensors[index]
            guard tensor.element == .float32, !tensor.isConstant else {
                throw WeightsError.tflite(
                    file: file.origin, .elementType(tensor: tensor.name, type: "a constant or half input"))
            }
        }
        for definition in file.operators {
            try workspace.checkCancellation()
            let call = TFLiteCall(definition: definition, file: file) { try constants.tensor($0) }
            guard definition.outputs.count == 1, let output = definition.outputs.first,
                !computed.contains(output), !constants.contains(output)
            else { throw call.failure("it does not have one result of its own") }
            let layer = try call.layer()
            guard layer.outputShape == call.outputShape else {
                throw call.failure(
                    "its result is declared as \(call.outputShape) but has the shape \(layer.outputShape)")
            }
            let operands = try (0..<layer.operandCount).map { try call.input($0, "input") }
            let fixed = try operands.map { computed.contains($0) ? nil : try constants.tensor($0) }
            guard zip(operands, fixed).allSatisfy({ computed.contains($0) || $1 != nil }) else {
                throw call.failure("an input is used before it is computed")
            }
            let known = fixed.compactMap { $0 }
            if known.count == operands.count {
                try constants.set(output, layer(known))
                continue
            }
            for (operand, constant) in zip(operands, fixed) where constant != nil {
                values[operand] = constant
            }
            computed.insert(output)
            steps.append(Step(layer: layer, operands: operands, output: output))
        }
        for output in outputs where !computed.contains(output) {
            values[output] = try constants.tensor(output)
            guard values[output] != nil else {
                throw WeightsError.tflite(
                    file: file.origin,
                    .missing(part: "operator that computes the output \(file.tensors[output].name)"))
            }
        }
        noteFinishedTensors(computed: computed)
        try checkMemory(file)
    }

    private mutating func noteFinishedTensors(computed: Set<Int>) {
        var needed = Set(outputs)
        for index in steps.indices.reversed() {
            for tensor in Set(steps[index].operands + [steps[index].output])
            where computed.contains(tensor) && needed.insert(tensor).inserted {
                steps[index].finished.append(tensor)
            }
        }
    }

    /// Bounds what the values that are needed at the same time take.
    private func checkMemory(_ file: TFLiteFile) throws {
        func count(_ tensor: Int) -> Int { file.tensors[tensor].shape.reduce(1, *) }
        var live = inputs.reduce(0) { $0 + count($1) }
        for step in steps {
            live += count(step.output)
            guard live <= TFLiteFile.elementLimit else {
                throw WeightsError.tflite(
                    file: file.origin, .tooLarge(part: "values", elementLimit: TFLiteFile.elementLimit))
            }
            live -= step.finished.reduce(0) { $0 + count($1) }
        }
    }

    func callAsFunction(_ given: [Tensor]) throws -> [Tensor] {
        var values = values
        for (index, tensor) in zip(inputs, given) { values[index] = tensor }
        for step in steps {
            try given.first?.workspace.checkCancellation()
            values[step.output] = step.layer(step.operands.map { Self.known(values[$0]) })
            for tensor in step.finished { values[tensor] = nil }
        }
        return outputs.map { Self.known(values[$0]) }
    }

    /// A value that the order of the steps, checked when the graph was built, has provided.
    private static func known(_ value: Tensor?) -> Tensor {
        guard let value else { preconditionFailure("a tensor is used before it is computed") }
        return value
    }

    /// The constants of a file, read once, and those that operators make of them.
    private struct Constants {
        private let file: TFLiteFile
        private let workspace: Workspace
        private var known: [Int: Tensor] = [:]
        private var elementCount = 0

        /// Half a gigabyte: files of this kind have a fiftieth.
        private static let elementLimit = 1 << 27

        init(_ file: TFLiteFile, _ workspace: Workspace) {
            (self.file, self.workspace) = (file, workspace)
        }

        func contains(_ index: Int) -> Bool { known[index] != nil || file.tensors[index].isConstant }

        mutating func set(_ index: Int, _ value: Tensor) throws {
            try count(value.shape)
            known[index] = value
        }

        /// The constant with that index; `nil` if the tensor is computed.
        mutating func tensor(_ index: Int) throws -> Tensor? {
            if let tensor = known[index] { return tensor }
            guard file.tensors[index].isConstant else { return nil }
            try count(file.tensors[index].shape)
            let tensor = try file.floats(index, in: workspace)
            known[index] = tensor
            return tensor
        }

        private mutating func count(_ shape: [Int]) throws {
            elementCount += shape.reduce(1, *)
            guard elementCount <= Self.elementLimit else {
                throw WeightsError.tflite(
                    file: file.origin, .tooLarge(part: "constants", elementLimit: Self.elementLimit))
            }
        }
    }
}
