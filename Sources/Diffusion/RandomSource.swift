import Tensors

/// Where noise comes from: handed in, so that a run can be repeated and a test can replay what PyTorch drew.
public protocol RandomSource: Sendable {
    /// The next `count` standard normal numbers.
    mutating func normal(count: Int) -> [Float]
}

extension RandomSource {
    /// Standard normal numbers as images.
    ///
    /// They are drawn in PyTorch's order, channel by channel, and then laid out channels-last, so that a seed gives
    /// the noise that `torch.randn(batch, channels, height, width)` gives.
    ///
    /// - Parameter shape: [batch, height, width, channels].
    public mutating func normal(shape: [Int], in workspace: Workspace) -> Tensor {
        precondition(
            shape.count == 4, "noise is made for images [batch, height, width, channels], not \(shape)")
        let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
        let drawn = normal(count: batch * height * width * channels)
        let area = height * width
        return Tensor(shape: shape, in: workspace) { noise in
            for image in 0..<batch {
                for channel in 0..<channels {
                    let plane = (image * channels + channel) * area
                    for pixel in 0..<area {
                        noise[(image * area + pixel) * channels + channel] = drawn[plane + pixel]
                    }
                }
            }
        }
    }
}
