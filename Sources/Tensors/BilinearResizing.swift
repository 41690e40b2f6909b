/// Which point of an image the centre of a resized pixel falls on.
public enum PixelAlignment: Sendable, CaseIterable {
    /// (i + 0.5) × input / output − 0.5: pixels are squares, and the outer edges of both images meet.
    case halfPixelCenters
    /// i × (input − 1) / (output − 1): the centres of the corner pixels meet.
    case corners
    /// i × input / output: the centres of the first pixels meet.
    case firstPixel

    func position(of index: Int, input: Int, output: Int) -> Float {
        switch self {
        case .halfPixelCenters: (Float(index) + 0.5) * Float(input) / Float(output) - 0.5
        case .corners: output == 1 ? 0 : Float(index) * Float(input - 1) / Float(output - 1)
        case .firstPixel: Float(index) * Float(input) / Float(output)
        }
    }
}

/// An image at another size by linear interpolation between the two nearest rows and columns, without smoothing.
///
/// Beyond its outermost pixel centres the image continues unchanged.
///
/// - Parameters:
///   - x: [batch, rows, columns, channels]
///   - height: rows of the result
///   - width: columns of the result
///   - alignment: how positions correspond
/// - Returns: [batch, height, width, channels]
public func resizedBilinearly(_ x: Tensor, height: Int, width: Int, alignment: PixelAlignment) -> Tensor {
    precondition(
        x.rank == 4 && height > 0 && width > 0, "\(x.shape) cannot be resized to \(height) × \(width)")
    let (batch, inputHeight, inputWidth, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let rows = NeighbourPair.all(input: inputHeight, output: height, alignment)
    let columns = NeighbourPair.all(input: inputWidth, output: width, alignment)
    return Tensor(shape: [batch, height, width, channels], in: x.workspace) { output in
        x.withUnsafeBuffer { image in
            guard let image = image.baseAddress, let output = output.baseAddress else { return }
            x.workspace.parallel(over: batch * height, grain: max(1, elementGrain / (4 * width * channels))) {
                for index in $0 {
                    let row = rows[index % height]
                    let item = image + index / height * inputHeight * inputWidth * channels
                    let upper = item + row.first * inputWidth * channels
                    let lower = item + row.second * inputWidth * channels
                    var target = output + index * width * channels
                    for column in columns {
                        let (left, right) = (column.first * channels, column.second * channels)
                        for channel in 0..<channels {
                            let top = upper[left + channel]
                            let bottom = lower[left + channel]
                            let topMix = top + (upper[right + channel] - top) * column.fraction
                            let bottomMix = bottom + (lower[right + channel] - bottom) * column.fraction
                            target[channel] = topMix + (bottomMix - topMix) * row.fraction
                        }
                        target += channels
                    }
                }
            }
        }
    }
}

/// The two rows or columns between which a value is interpolated.
private struct NeighbourPair {
    let first, second: Int
    /// The share of the second.
    let fraction: Float

    static func all(input: Int, output: Int, _ alignment: PixelAlignment) -> [NeighbourPair] {
        (0..<output).map { index in
            let position = max(0, alignment.position(of: index, input: input, output: output))
            let first = min(Int(position), input - 1)
            return NeighbourPair(
                first: first, second: min(first + 1, input - 1), fraction: position - Float(first))
        }
    }
}
