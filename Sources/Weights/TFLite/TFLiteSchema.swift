/// Where the fields of TensorFlow Lite's tables are (tensorflow/lite/schema/schema.fbs, version 3).
///
/// A field's number is its position in the schema's table, a union counting twice.
enum TFLiteSchema {
    /// What stands at byte 4 of every file.
    static let identifier = Array("TFL3".utf8)

    enum Model {
        static let operatorCodes = FlatField(1, "operator codes")
        static let graphs = FlatField(2, "graphs")
        static let buffers = FlatField(4, "buffers")
    }

    enum OperatorCode {
        /// The code of files older than the 32-bit field.
        static let shortCode = FlatField(0, "operator's short code")
        static let customName = FlatField(1, "operator's name")
        static let code = FlatField(3, "operator's code")
    }

    enum Graph {
        static let tensors = FlatField(0, "tensors")
        static let inputs = FlatField(1, "graph's inputs")
        static let outputs = FlatField(2, "graph's outputs")
        static let operators = FlatField(3, "operators")
    }

    enum Tensor {
        static let shape = FlatField(0, "tensor's shape")
        static let type = FlatField(1, "tensor's type")
        static let buffer = FlatField(2, "tensor's buffer")
        static let name = FlatField(3, "tensor's name")
        static let quantization = FlatField(4, "tensor's quantisation")
        static let sparsity = FlatField(6, "tensor's sparsity")
    }

    enum Quantization {
        static let scale = FlatField(2, "quantisation's scale")
        static let zeroPoint = FlatField(3, "quantisation's zero point")
    }

    enum Operator {
        static let code = FlatField(0, "operator's index of its code")
        static let inputs = FlatField(1, "operator's inputs")
        static let outputs = FlatField(2, "operator's outputs")
        static let optionsType = FlatField(3, "type of an operator's options")
        static let options = FlatField(4, "operator's options")
        static let customOptions = FlatField(5, "operator's own options")
    }

    enum Buffer {
        static let data = FlatField(0, "buffer's data")
    }

    enum Sparsity {
        static let traversalOrder = FlatField(0, "traversal order")
        static let blockMap = FlatField(1, "block map")
        static let dimensions = FlatField(2, "sparse dimensions")
    }

    enum Dimension {
        static let format = FlatField(0, "dimension's format")
        static let size = FlatField(1, "dimension's size")
        static let segmentsType = FlatField(2, "type of a dimension's segments")
        static let segments = FlatField(3, "dimension's segments")
        static let indicesType = FlatField(4, "type of a dimension's indices")
        static let indices = FlatField(5, "dimension's indices")
    }

    enum IndexVector {
        static let values = FlatField(0, "sparse indices")
    }

    /// How the names of element types count.
    static let elementTypes = [
        "FLOAT32", "FLOAT16", "INT32", "UINT8", "INT64", "STRING", "BOOL", "INT16", "COMPLEX64", "INT8",
        "FLOAT64",
    ]
}
