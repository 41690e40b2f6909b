/// An operator of a TensorFlow Lite graph.
package struct TFLiteOperator: Sendable {
    /// Its position in the graph.
    package let index: Int
    /// The schema's name, such as `CONV_2D`.
    package let name: String
    package let operation: TFLiteOperation
    /// Indices of tensors; `nil` where an optional input is left out.
    package let inputs: [Int?]
    package let outputs: [Int]
}

extension TFLiteOperator {
    init(
        _ table: FlatTable, index: Int, codes: [TFLiteOperatorCode], tensorCount: Int, file: MappedFile
    ) throws {
        typealias Fields = TFLiteSchema.Operator
        let codeIndex = Int(try table.number(Fields.code, UInt32.self, absent: 0))
        try checkIndex(codeIndex, of: "operator code", in: codes.count)
        let code = codes[codeIndex]
        func indices(_ field: FlatField) throws -> [Int] {
            try table.numbers(field, Int32.self, limit: TFLiteFile.operandLimit) ?? []
        }
        inputs = try indices(Fields.inputs).map { input in
            guard input != -1 else { return nil }
            try checkIndex(input, of: "tensor", in: tensorCount)
            return input
        }
        outputs = try indices(Fields.outputs)
        for output in outputs { try checkIndex(output, of: "tensor", in: tensorCount) }
        self.index = index
        name = code.name
        let customRange = try table.bytes(Fields.customOptions) ?? 0..<0
        operation = try TFLiteOperation(
            code,
            TFLiteOptions(
                index: index, name: code.name, table: try table.table(Fields.options),
                type: Int(try table.number(Fields.optionsType, UInt8.self, absent: 0)),
                customBytes: UnsafeRawBufferPointer(rebasing: file.bytes[customRange])))
    }
}
