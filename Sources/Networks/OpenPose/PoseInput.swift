import Tensors

/// A picture as OpenPose's networks see it, and the way back to maps of the picture.
package struct PoseInput: Sendable {
    /// Blue, green, red in -0.5...0.5, [1, height, width, 3]; both sides are multiples of 8.
    package let tensor: Tensor
    /// Rows that show the picture; those below are grey.
    private let height: Int
    /// Columns that show the picture; those to the right are grey.
    private let width: Int

    /// The pixels of the networks' maps are squares of eight.
    private static let stride = 8

    /// - Parameters:
    ///   - image: red, green, blue as whole numbers in 0...255, [1, rows, columns, 3].
    ///   - height: to which it is resized, before grey fills up the last square.
    ///   - width: to which it is resized.
    package init(_ image: Tensor, height: Int, width: Int) {
        self.height = height
        self.width = width
        let resized = poseResized(image, height: height, width: width).values
        func padded(_ side: Int) -> Int { (side + Self.stride - 1) / Self.stride * Self.stride }
        let paddedWidth = padded(width)
        tensor = Tensor(shape: [1, padded(height), paddedWidth, 3], in: image.workspace) { output in
            output.update(repeating: Self.normalized(128))
            for row in 0..<height {
                for column in 0..<width {
                    for channel in 0..<3 {
                        output[(row * paddedWidth + column) * 3 + channel] =
                            Self.normalized(resized[(row * width + column) * 3 + 2 - channel])
                    }
                }
            }
        }
    }

    private static func normalized(_ value: Float) -> Float { value / 256 - 0.5 }

    /// The network's maps at another size, without what belongs to the grey margin.
    ///
    /// - Parameter maps: what the network gave for `tensor`, [1, rows, columns, channels].
    /// - Returns: [1, `height`, `width`, channels].
    func maps(_ maps: Tensor, height mapHeight: Int, width mapWidth: Int) -> Tensor {
        let enlarged = poseResampled(
            maps, height: maps.shape[1] * Self.stride, width: maps.shape[2] * Self.stride)
        return poseResampled(
            cropped(enlarged, x: 0, y: 0, height: height, width: width), height: mapHeight, width: mapWidth)
    }
}
