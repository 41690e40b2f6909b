import Tensors
import Weights

/// Tells one head of a drawn picture, hair and hats and all, from everything else, and what stands before it.
///
/// A small U-Net (arXiv:1505.04597) of our own, `Training/training/networks/segmenter.py`. The weights say how many
/// levels there are, and how wide.
package struct DrawnHeadNetwork: Sendable {
    /// What a pixel may show, as channels of the answer: the head, what stands before it or is somebody else's head, and
    /// somebody else's face.
    package enum Kind: Int, CaseIterable {
        case neither, head, before, face
    }

    /// From the picture's own size to half of it, and so on.
    private let down: [ConvolutionStack]
    /// Back to the picture's own size, which is the first.
    private let up: [ConvolutionStack]
    private let answer: ConvolutionStack

    /// Sides must be a multiple of this.
    package var granularity: Int { 1 << up.count }

    /// - Parameter scope: the root of `drawn_heads.safetensors`.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    package init(_ scope: WeightScope) throws {
        func level(_ name: String, inputs: Int) throws -> ConvolutionStack {
            try ConvolutionStack(scope, inputs: inputs, .threes(["\(name)_1", "\(name)_2"]))
        }
        // Colours, and the places of the pixels.
        var down = [try level("down0", inputs: 3 + 2)]
        while scope.contains("down\(down.count)_1") {
            down.append(try level("down\(down.count)", inputs: down[down.count - 1].outputs))
        }
        up = try zip(down, down.dropFirst()).enumerated().map { number, pair in
            try level("up\(number)", inputs: pair.0.outputs + pair.1.outputs)
        }
        answer = try ConvolutionStack(
            scope, inputs: down[0].outputs, [.maps("answer", count: Kind.allCases.count, isRectified: false)])
        self.down = down
        try scope.finish(ignoring: [])
    }

    /// - Parameter image: red, green, blue in -1...1, [1, side, side, 3], the head in its middle; the side a multiple of
    ///   ``granularity``.
    /// - Returns: how much of each pixel is what, [1, side, side, 4] in the order of ``Kind``.
    /// - Throws: `CancellationError` if the workspace of `image` was cancelled.
    package func callAsFunction(_ image: Tensor) throws -> Tensor {
        let side = image.shape[1]
        precondition(
            image.shape[2] == side && side.isMultiple(of: granularity),
            "A square whose side is a multiple of \(granularity)")
        var x = concatenated([image, Self.places(side: side, in: image.workspace)], axis: 3)
        var kept: [Tensor] = []
        for level in down.dropLast() {
            kept.append(try level(x))
            x = maxPool2D(kept[kept.count - 1], size: 2, stride: 2, roundingUp: false)
        }
        x = try down[down.count - 1](x)
        for (level, skipped) in zip(up, kept).reversed() {
            x = try level(concatenated([upsampleNearest2x(x), skipped], axis: 3))
        }
        return softmax(try answer(x))
    }

    /// Column and row of each pixel, the picture's edges at -1 and 1.
    private static func places(side: Int, in workspace: Workspace) -> Tensor {
        let axis = (0..<side).map { (Float($0) + 0.5) * 2 / Float(side) - 1 }
        let values = axis.flatMap { row in axis.flatMap { [$0, row] } }
        return Tensor(values, shape: [1, side, side, 2], in: workspace)
    }
}
