import Tensors

/// Writes tensors as a safetensors file, as 32-bit floats.
public enum SafetensorsWriter {
    /// Writes a file whole or not at all, replacing a file of that name.
    ///
    /// As the reference writer does, tensors are sorted by name and the header is padded with spaces to a
    /// multiple of eight bytes.
    ///
    /// - Parameters:
    ///   - tensors: what to write, by name.
    ///   - metadata: free text pairs for the header.
    ///   - path: the file to create.
    /// - Throws: ``WeightsError/cannotWrite(file:reason:)``.
    public static func write(
        _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String
    ) throws {
        let sorted = tensors.sorted { $0.key < $1.key }
        var header = header(of: sorted, metadata: metadata)
        header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        try WholeFileWriter.write(to: path) { file in
            let length = UInt64(header.utf8.count).littleEndian
            try withUnsafeBytes(of: length, file.append)
            try Array(header.utf8).withUnsafeBytes(file.append)
            for (_, tensor) in sorted {
                try tensor.withUnsafeBuffer { try file.append(UnsafeRawBufferPointer($0)) }
            }
        }
    }

    private static func header(of tensors: [(key: String, value: Tensor)], metadata: [String: String])
        -> String
    {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(json($0.key)):\(json($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in tensors {
            let end = offset + tensor.count * MemoryLayout<Float>.size
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(json(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        return "{\(members.joined(separator: ","))}"
    }

    private static func json(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}
