import Tensors
import Weights

/// The operators in order, each with the tensors it takes and gives.
struct TFLiteGraph: Sendable {
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

    /// - Throws: `WeightsError` if an operator cannot be computed, or the order of the operators does not work out.
    init(_ file: TFLiteFile, in workspace: Workspace) throws {
        let constants = TFLiteConstants(file, workspace)
        var computed = Set(file.inputs)
        (inputs, outputs) = (file.inputs, file.outputs)
        values = Array(repeating: nil, count: file.tensors.count)
        for tensor in inputs.map({ file.tensors[$0] }) where tensor.element != .float32 || tensor.isConstant {
            throw WeightsError.tflite(file: file.origin, .badInput(tensor: tensor.name))
        }
        for definition in file.operators {
            try workspace.checkCancellation()
            let call = TFLiteCall(definition: definition, file: file) { try constants.tensor($0) }
            try add(call, constants, &computed)
        }
        for output in outputs where !computed.contains(output) {
            values[output] = try constants.tensor(output)
            guard values[output] != nil else {
                throw WeightsError.tflite(
                    file: file.origin,
                    .missing(part: "operator for the output \(quoted(file.tensors[output].name))"))
            }
        }
        noteFinishedTensors(computed: computed)
        try checkMemory(file)
    }

    /// Appends an operator, or computes it now if all it needs is constant.
    private mutating func add(
        _ call: TFLiteCall, _ constants: TFLiteConstants, _ computed: inout Set<Int>
    ) throws {
        let results = call.definition.outputs
        guard results.count == 1, let output = results.first, !computed.contains(output),
            !constants.contains(output)
        else { throw call.failure("it does not have one result of its own") }
        let layer = try call.layer()
        guard layer.outputShape == call.outputShape else {
            throw call.failure(
                "its result is declared as \(call.outputShape) but has the shape \(layer.outputShape)")
        }
        let operands = try (0..<layer.operandCount).map { try call.input($0, "input") }
        let known = try operands.map { computed.contains($0) ? nil : try constants.tensor($0) }
        guard zip(operands, known).allSatisfy({ computed.contains($0) || $1 != nil }) else {
            throw call.failure("an input is used before it is computed")
        }
        guard operands.contains(where: { computed.contains($0) }) else {
            return try constants.set(output, layer(known.compactMap { $0 }))
        }
        for (operand, constant) in zip(operands, known) where constant != nil { values[operand] = constant }
        computed.insert(output)
        steps.append(Step(layer: layer, operands: operands, output: output))
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
}
