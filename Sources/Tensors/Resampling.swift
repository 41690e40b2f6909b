/// Doubles height and width by repeating pixels.
///
/// - Parameter x: [batch, height, width, channels]
/// - Returns: [batch, 2 × height, 2 × width, channels]
public func upsampleNearest2x(_ x: Tensor) -> Tensor {
    precondition(x.rank == 4, "an image has four axes; the shape is \(x.shape)")
    let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    return Tensor(shape: [batch, 2 * height, 2 * width, channels], in: x.workspace) { output in
        x.withUnsafeBuffer { input in
            guard let input = input.baseAddress, let output = output.baseAddress else { return }
            let rowLength = width * channels
            x.workspace.parallel(over: batch * height, grain: max(1, elementGrain / (4 * rowLength))) {
                rows in
                for row in rows {
                    let upper = output + row * 4 * rowLength
                    for column in 0..<width {
                        let pixel = input + row * rowLength + column * channels
                        (upper + 2 * column * channels).update(from: pixel, count: channels)
                        (upper + (2 * column + 1) * channels).update(from: pixel, count: channels)
                    }
                    (upper + 2 * rowLength).update(from: upper, count: 2 * rowLength)
                }
            }
        }
    }
}

/// The maximum over square windows, without padding.
///
/// - Parameters:
///   - x: [batch, height, width, channels]
///   - size: side of a window
///   - stride: step between windows
///   - roundingUp: whether a last window that overlaps the border counts, as with `ceil_mode` in PyTorch
/// - Returns: [batch, (height − size) / stride + 1, …, channels], the quotient rounded as told
public func maxPool2D(_ x: Tensor, size: Int, stride: Int, roundingUp: Bool) -> Tensor {
    precondition(x.rank == 4, "an image has four axes; the shape is \(x.shape)")
    precondition(
        size >= 1 && stride >= 1, "a pooling window of side \(size) and stride \(stride) is impossible")
    let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    precondition(
        height >= size && width >= size,
        "an image of shape \(x.shape) is smaller than the window of side \(size)")
    func windows(_ side: Int) -> Int {
        let count = (side - size + (roundingUp ? stride - 1 : 0)) / stride + 1
        // PyTorch drops a window that would begin past the border.
        return (count - 1) * stride >= side ? count - 1 : count
    }
    let (outputHeight, outputWidth) = (windows(height), windows(width))
    return Tensor(shape: [batch, outputHeight, outputWidth, channels], in: x.workspace) { output in
        x.withUnsafeBuffer { input in
            guard let input = input.baseAddress, let output = output.baseAddress else { return }
            x.workspace.parallel(over: batch * outputHeight, grain: 1) { rows in
                for row in rows {
                    let top = row % outputHeight * stride
                    let image = input + row / outputHeight * height * width * channels
                    for column in 0..<outputWidth {
                        let left = column * stride
                        let target = output + (row * outputWidth + column) * channels
                        target.update(from: image + (top * width + left) * channels, count: channels)
                        for y in top..<min(height, top + size) {
                            for x in left..<min(width, left + size) {
                                let pixel = image + (y * width + x) * channels
                                for channel in 0..<channels where !(pixel[channel] <= target[channel]) {
                                    target[channel] = pixel[channel]
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
