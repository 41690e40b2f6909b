import Tensors

/// One operation at a size that occurs in Stable Diffusion 1.5 at 512 × 512, or a whole network.
struct Case: Sendable {
    let name: String
    /// Floating-point operations of the textbook algorithm, a multiply and an add counting as two; NaN if not
    /// counted.
    let operations: Double
    /// Makes the inputs, and returns what is timed.
    let prepare: @Sendable (Workspace) throws -> () throws -> Tensor

    static let operations: [Case] =
        [
            linear(tokens: 4096, inputs: 320, outputs: 320),
            linear(tokens: 4096, inputs: 320, outputs: 2560),
            linear(tokens: 4096, inputs: 1280, outputs: 320),
            linear(tokens: 1024, inputs: 640, outputs: 5120),
            linear(tokens: 256, inputs: 1280, outputs: 10240),
            linear(tokens: 256, inputs: 5120, outputs: 1280),
            linear(tokens: 77, inputs: 768, outputs: 3072),
            convolution(side: 64, inputs: 320, outputs: 320, kernel: 3, stride: 1),
            convolution(side: 64, inputs: 960, outputs: 320, kernel: 3, stride: 1),
            convolution(side: 32, inputs: 640, outputs: 640, kernel: 3, stride: 1),
            convolution(side: 16, inputs: 1280, outputs: 1280, kernel: 3, stride: 1),
            convolution(side: 8, inputs: 1280, outputs: 1280, kernel: 3, stride: 1),
            convolution(side: 64, inputs: 320, outputs: 320, kernel: 3, stride: 2),
            convolution(side: 64, inputs: 320, outputs: 320, kernel: 1, stride: 1),
            convolution(side: 512, inputs: 128, outputs: 128, kernel: 3, stride: 1),
            convolution(side: 256, inputs: 256, outputs: 256, kernel: 3, stride: 1),
            convolution(side: 128, inputs: 512, outputs: 512, kernel: 3, stride: 1),
            convolution(side: 512, inputs: 128, outputs: 3, kernel: 3, stride: 1),
            attention(queries: 4096, keys: 4096, headCount: 8, headSize: 40),
            attention(queries: 1024, keys: 1024, headCount: 8, headSize: 80),
            attention(queries: 256, keys: 256, headCount: 8, headSize: 160),
            attention(queries: 4096, keys: 77, headCount: 8, headSize: 40),
            attention(queries: 4096, keys: 4096, headCount: 1, headSize: 512),
            groupNorm(side: 64, channels: 320),
            groupNorm(side: 512, channels: 128),
            elementwise("layerNorm", tokens: 4096, channels: 320) { x, weight, bias in
                layerNorm(x, weight: weight, bias: bias, epsilon: 1e-5)
            },
            elementwise("geglu", tokens: 4096, channels: 2560) { x, _, _ in Tensors.geglu(x) },
            elementwise("silu", tokens: 4096, channels: 320) { x, _, _ in silu(x) },
            elementwise("add", tokens: 4096, channels: 320) { x, _, _ in x + x },
            elementwise("softmax", tokens: 4096, channels: 4096) { x, _, _ in softmax(x) },
            elementwise("upsampleNearest2x", tokens: 4096, channels: 320) { x, _, _ in
                upsampleNearest2x(x.reshaped([1, 64, 64, 320]))
            },
        ]

    private static func linear(tokens: Int, inputs: Int, outputs: Int) -> Case {
        Case(
            name: "linear-\(tokens)x\(inputs)-\(outputs)",
            operations: 2 * Double(tokens) * Double(inputs) * Double(outputs)
        ) { workspace in
            let x = noise([1, tokens, inputs], in: workspace)
            let weight = noise([outputs, inputs], in: workspace)
            let bias = noise([outputs], in: workspace)
            return { Tensors.linear(x, weight: weight, bias: bias) }
        }
    }

    private static func convolution(side: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int) -> Case {
        let positions = Double(side / stride * (side / stride))
        return Case(
            name: "conv-\(side)x\(side)x\(inputs)-\(outputs)-k\(kernel)s\(stride)",
            operations: 2 * positions * Double(kernel * kernel * inputs) * Double(outputs)
        ) { workspace in
            let x = noise([1, side, side, inputs], in: workspace)
            let weight = ConvolutionWeight(noise([outputs, inputs, kernel, kernel], in: workspace))
            let bias = noise([outputs], in: workspace)
            let padding = Padding(kernel / 2)
            return { convolution2D(x, weight: weight, bias: bias, stride: stride, padding: padding) }
        }
    }

    private static func attention(queries: Int, keys: Int, headCount: Int, headSize: Int) -> Case {
        Case(
            name: "attention-\(queries)x\(keys)-\(headCount)x\(headSize)",
            operations: 4 * Double(queries) * Double(keys) * Double(headCount * headSize)
        ) { workspace in
            let query = noise([1, queries, headCount * headSize], in: workspace)
            let key = noise([1, keys, headCount * headSize], in: workspace)
            return { Tensors.attention(query: query, key: key, value: key, headCount: headCount) }
        }
    }

    private static func groupNorm(side: Int, channels: Int) -> Case {
        Case(
            name: "groupNormSiLU-\(side)x\(side)x\(channels)", operations: Double(8 * side * side * channels)
        ) {
            workspace in
            let x = noise([1, side, side, channels], in: workspace)
            let (weight, bias) = (noise([channels], in: workspace), noise([channels], in: workspace))
            return { groupNormSiLU(x, groupCount: 32, weight: weight, bias: bias, epsilon: 1e-5) }
        }
    }

    private static func elementwise(
        _ operation: String, tokens: Int, channels: Int,
        _ body: @escaping @Sendable (_ x: Tensor, _ weight: Tensor, _ bias: Tensor) -> Tensor
    ) -> Case {
        Case(name: "\(operation)-\(tokens)x\(channels)", operations: Double(tokens * channels)) { workspace in
            let x = noise([1, tokens, channels], in: workspace)
            let (weight, bias) = (noise([channels], in: workspace), noise([channels], in: workspace))
            return { body(x, weight, bias) }
        }
    }

    /// Numbers in −1 ..< 1; what they are does not matter, only that they are ordinary.
    static func noise(_ shape: [Int], in workspace: Workspace) -> Tensor {
        Tensor(shape: shape, in: workspace) { buffer in
            var state: UInt32 = 1
            for index in buffer.indices {
                state = state &* 1_664_525 &+ 1_013_904_223
                buffer[index] = Float(state >> 8) / Float(1 << 23) - 1
            }
        }
    }
}
