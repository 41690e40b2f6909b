import Tensors

/// A rectangle of an image or maps, which must lie inside.
///
/// - Parameter image: [1, rows, columns, channels].
/// - Returns: [1, `height`, `width`, channels].
package func cropped(_ image: Tensor, x: Int, y: Int, height: Int, width: Int) -> Tensor {
    precondition(
        x >= 0 && y >= 0 && y + height <= image.shape[1] && x + width <= image.shape[2],
        "\(height) x \(width) from (\(x), \(y)) leave an image of shape \(image.shape)")
    let channels = image.shape[3]
    return Tensor(shape: [1, height, width, channels], in: image.workspace) { output in
        image.withUnsafeBuffer { input in
            guard let input = input.baseAddress, let output = output.baseAddress else { return }
            for row in 0..<height {
                (output + row * width * channels).update(
                    from: input + ((y + row) * image.shape[2] + x) * channels, count: width * channels)
            }
        }
    }
}
