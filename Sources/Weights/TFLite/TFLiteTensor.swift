/// A tensor of a TensorFlow Lite graph: a constant of the file, or the place of a value that is computed.
package struct TFLiteTensor: Sendable {
    /// How the elements are stored.
    package enum Element: Int, Sendable {
        case float32 = 0
        case float16 = 1
        case int32 = 2

        var stored: ElementType {
            switch self {
            case .float32: .float32
            case .float16: .float16
            case .int32: .int32
            }
        }
    }

    package let name: String
    /// Each extent is at least 1.
    package let shape: [Int]
    package let element: Element
    /// Where a constant's bytes lie in the file; `nil` for a value that is computed.
    let data: Range<Int>?
    /// How a sparse constant's elements are spread; read when the constant is.
    let sparsity: FlatTable?

    /// Whether the file holds the tensor's elements.
    package var isConstant: Bool { data != nil }
}

extension TFLiteTensor.Element {
    /// Bytes of one element.
    var size: Int { stored.bitCount / 8 }
}

extension TFLiteTensor {
    init(_ table: FlatTable, buffers: [Range<Int>?]) throws {
        typealias Fields = TFLiteSchema.Tensor
        name = try table.text(Fields.name)
        shape = try table.numbers(Fields.shape, Int32.self, limit: 8) ?? []
        guard shape.allSatisfy({ $0 >= 1 }), let count = elementCount(of: shape),
            count <= TFLiteFile.elementLimit
        else { throw TFLiteFault.badShape(tensor: name, shape: shape) }
        if let quantization = try table.table(Fields.quantization) {
            let scales = try quantization.bytes(TFLiteSchema.Quantization.scale)
            let zeroPoints = try quantization.bytes(TFLiteSchema.Quantization.zeroPoint)
            guard scales?.isEmpty ?? true, zeroPoints?.isEmpty ?? true else {
                throw TFLiteFault.quantized(tensor: name)
            }
        }
        let number = Int(try table.number(Fields.type, Int8.self, absent: 0))
        guard let element = Element(rawValue: number) else {
            let names = TFLiteSchema.elementTypes
            throw TFLiteFault.elementType(
                tensor: name, type: names.indices.contains(number) ? names[number] : "type \(number)")
        }
        self.element = element
        let buffer = Int(try table.number(Fields.buffer, UInt32.self, absent: 0))
        try checkIndex(buffer, of: "buffer", in: buffers.count)
        data = buffers[buffer].flatMap { $0.isEmpty ? nil : $0 }
        sparsity = try table.table(Fields.sparsity)
    }
}
