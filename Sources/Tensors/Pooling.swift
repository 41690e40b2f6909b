/// The maximum over windows of a padded image; the padding never wins.
///
/// - Parameters:
///   - x: [batch, height, width, channels]
///   - height: of a window
///   - width: of a window
///   - stride: step between windows
///   - padding: around the image; less than a window on each side
/// - Returns: [batch, (height + padding − window height) / stride + 1, …, channels]
public func maxPool2D(_ x: Tensor, height: Int, width: Int, stride: Int, padding: Padding) -> Tensor {
    let windows = WindowGeometry(x.shape, height: height, width: width, stride: stride, padding: padding)
    return pooled(x, windows) { image, row, column, target in
        target.update(repeating: -.infinity, count: windows.channels)
        windows.forEachPixel(outputRow: row, outputColumn: column) { pixel, _ in
            let values = image + pixel * windows.channels
            for channel in 0..<windows.channels where !(values[channel] <= target[channel]) {
                target[channel] = values[channel]
            }
        }
    }
}

/// The mean over windows of a padded image; only pixels inside the image count.
///
/// Parameters and result as for ``maxPool2D(_:height:width:stride:padding:)``.
public func averagePool2D(_ x: Tensor, height: Int, width: Int, stride: Int, padding: Padding) -> Tensor {
    let windows = WindowGeometry(x.shape, height: height, width: width, stride: stride, padding: padding)
    return pooled(x, windows) { image, row, column, target in
        // In f64, because a window may be the whole image.
        withUnsafeTemporaryAllocation(of: Double.self, capacity: windows.channels) { sums in
            sums.initialize(repeating: 0)
            var count = 0.0
            windows.forEachPixel(outputRow: row, outputColumn: column) { pixel, _ in
                let values = image + pixel * windows.channels
                for channel in 0..<windows.channels { sums[channel] += Double(values[channel]) }
                count += 1
            }
            for channel in 0..<windows.channels { target[channel] = Float(sums[channel] / count) }
        }
    }
}

private func pooled(
    _ x: Tensor, _ windows: WindowGeometry,
    _ pool: (UnsafePointer<Float>, _ row: Int, _ column: Int, UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
    let padding = windows.padding
    precondition(
        max(padding.top, padding.bottom) < windows.windowHeight
            && max(padding.left, padding.right) < windows.windowWidth,
        "with the padding \(padding) a window would hold no pixel")
    return Tensor(shape: windows.outputShape, in: x.workspace) { output in
        x.withUnsafeBuffer { image in
            guard let image = image.baseAddress, let output = output.baseAddress else { return }
            x.workspace.parallel(over: windows.rowCount, grain: 1) { rows in
                for row in rows {
                    for column in 0..<windows.outputWidth {
                        pool(
                            image, row, column,
                            output + (row * windows.outputWidth + column) * windows.channels)
                    }
                }
            }
        }
    }
}
