import Foundation

/// Weights that are zero but where a test sets them, in the shapes of a network; the file has holes where the zeros are.
struct HandmadeWeights {
    private struct Entry: Decodable {
        let name: String
        let shape: [Int]
    }

    static let vgg = [
        "conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv3_4", "conv4_1",
        "conv4_2",
    ]

    private let entries: [Entry]
    private var values: [String: [Int: Float]] = [:]

    /// - Parameter list: of names and shapes, as the tests of networks have it.
    init(shapesOf list: String) throws {
        let file = House.folder.appendingPathComponent("Tests/NetworksTests/Fixtures/\(list).json")
        entries = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file))
    }

    subscript(name: String, index: Int) -> Float {
        get { values[name]?[index] ?? 0 }
        set { values[name, default: [:]][index] = newValue }
    }

    /// Lets blue, green and red, brought to 0…1, through all layers.
    ///
    /// - Parameter offsets: the input channel of blue, where it is not the first.
    mutating func passColors(through layers: [String], offsets: [String: Int]) {
        for channel in 0..<3 {
            self["conv1_1.bias", channel] = 0.5
            for layer in layers {
                setMiddle(of: layer, output: channel, input: channel + (offsets[layer] ?? 0), to: 1)
            }
        }
    }

    /// Makes an output 1 where the colour is and 0 or less at other colours and grey.
    mutating func name(_ color: SIMD3<Int>, output: Int, of layer: String) {
        for channel in 0..<3 {
            setMiddle(of: layer, output: output, input: 2 - channel, to: color[channel] == 1 ? 1 : -1)
        }
        self["\(layer).bias", output] = Float(1 - color.wrappedSum())
    }

    /// Sets what the middle of a kernel, or a dense layer, takes from an input into an output.
    mutating func setMiddle(of layer: String, output: Int, input: Int, to value: Float) {
        guard let shape = entries.first(where: { $0.name == "\(layer).weight" })?.shape else {
            preconditionFailure("no layer \(layer)")
        }
        let (inputs, kernel) = (shape[1], shape.count == 4 ? shape[2] : 1)
        self["\(layer).weight", (output * inputs + input) * kernel * kernel + kernel * kernel / 2] = value
    }

    /// Writes the tensors as safetensors.
    func write(to file: URL) throws {
        var (header, offsets, end) = ([String: Any](), [String: Int](), 0)
        for entry in entries {
            let size = entry.shape.reduce(4, *)
            header[entry.name] = [
                "dtype": "F32", "shape": entry.shape, "data_offsets": [end, end + size],
            ]
            offsets[entry.name] = end
            end += size
        }
        let json = try JSONSerialization.data(withJSONObject: header)
        let start = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
        try start.write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try handle.truncate(atOffset: UInt64(start.count + end))
        for (name, numbers) in values {
            for (index, value) in numbers {
                try handle.seek(toOffset: UInt64(start.count + (offsets[name] ?? 0) + 4 * index))
                try handle.write(
                    contentsOf: withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) })
            }
        }
    }
}
