import CKernels

/// A convolution of each channel with a kernel of its own.
///
/// - Parameters:
///   - x: [batch, height, width, channels]
///   - weight: [kernel height, kernel width, channels]
///   - bias: [channels], or nil for none
///   - stride: step between kernel positions, in both directions
///   - padding: zeros around the image
/// - Returns: [batch, (height + padding − kernel height) / stride + 1, …, channels]
public func depthwiseConvolution2D(
    _ x: Tensor, weight: Tensor, bias: Tensor?, stride: Int, padding: Padding
) -> Tensor {
    precondition(
        weight.rank == 3 && weight.lastAxis == x.lastAxis,
        "a depthwise convolution with weight \(weight.shape) does not apply to \(x.shape)")
    let windows = WindowGeometry(
        x.shape, height: weight.shape[0], width: weight.shape[1], stride: stride, padding: padding)
    let (workspace, channels) = (x.workspace, windows.channels)
    let bias = bias ?? .zeros([channels], in: workspace)
    return Tensor(shape: windows.outputShape, in: workspace) { output in
        x.withUnsafeBuffer { image in
            weight.withUnsafeBuffer { weight in
                bias.withChannels(channels, "the bias") { bias in
                    guard let image = image.baseAddress, let weight = weight.baseAddress,
                        let output = output.baseAddress
                    else { return }
                    let grain = max(1, elementGrain / (windows.outputWidth * channels * windows.area))
                    workspace.parallel(over: windows.rowCount, grain: grain) { rows in
                        let kernel = DepthwiseRows(
                            windows: windows, image: image, weight: weight, bias: bias,
                            apply: workspace.kernels.depthwise_pixel)
                        for row in rows { kernel.compute(row, of: output) }
                    }
                }
            }
        }
    }
}

/// One thread's share of a depthwise convolution.
private struct DepthwiseRows {
    typealias Kernel = (
        UnsafePointer<UnsafePointer<Float>>, UnsafePointer<UnsafePointer<Float>>, Int, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, Int
    ) -> Void

    let windows: WindowGeometry
    let image, weight, bias: UnsafePointer<Float>
    let apply: Kernel

    /// - Parameter row: counted over the whole batch.
    func compute(_ row: Int, of output: UnsafeMutablePointer<Float>) {
        let channels = windows.channels
        let target = output + row * windows.outputWidth * channels
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 2 * windows.area) { taps in
            guard let pixels = taps.baseAddress else { return }
            let weights = pixels + windows.area
            for column in 0..<windows.outputWidth {
                // The padding's zeros add nothing: only taps inside the image count.
                var count = 0
                windows.forEachPixel(outputRow: row, outputColumn: column) { pixel, tap in
                    (pixels + count).initialize(to: image + pixel * channels)
                    (weights + count).initialize(to: weight + tap * channels)
                    count += 1
                }
                apply(pixels, weights, count, bias, target + column * channels, channels)
            }
        }
    }
}
