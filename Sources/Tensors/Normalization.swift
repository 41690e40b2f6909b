import CKernels

/// Normalises each position over its channels (arXiv 1607.06450, equation 4).
///
/// - Parameters:
///   - x: [..., channels]
///   - weight: [channels]
///   - bias: [channels]
///   - epsilon: added to the variance
public func layerNorm(_ x: consuming Tensor, weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    let channels = x.lastAxis
    let kernel = x.workspace.kernels.layer_norm_rows
    return x.mappedRows { input, output, rows, columns in
        weight.withChannels(channels, "layer norm's weight") { weight in
            bias.withChannels(channels, "layer norm's bias") { bias in
                kernel(input, weight, bias, epsilon, output, rows, columns)
            }
        }
    }
}

/// Shifts and scales each channel by statistics that training fixed (arXiv 1502.03167, algorithm 2).
///
/// - Parameters:
///   - x: [..., channels]
///   - mean: [channels]
///   - variance: [channels]
///   - weight: [channels]
///   - bias: [channels]
///   - epsilon: added to the variance
public func batchNorm(
    _ x: consuming Tensor, mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor, epsilon: Float
) -> Tensor {
    let channels = x.lastAxis
    for parameter in [mean, variance, weight, bias] {
        precondition(
            parameter.shape == [channels],
            "a parameter of batch norm has shape \(parameter.shape), not [\(channels)]")
    }
    let (mean, variance, weight, bias) = (mean.values, variance.values, weight.values, bias.values)
    let scale = (0..<channels).map { weight[$0] / (variance[$0] + epsilon).squareRoot() }
    let offset = (0..<channels).map { bias[$0] - mean[$0] * scale[$0] }
    let kernel = x.workspace.kernels.scale_offset_rows
    return x.mappedRows { input, output, rows, columns in kernel(input, scale, offset, output, rows, columns)
    }
}

/// Normalises each group of channels of an item over all its positions (arXiv 1803.08494, equation 7).
///
/// - Parameters:
///   - x: [batch, ..., channels]
///   - groupCount: divides the channels
///   - weight: [channels]
///   - bias: [channels]
///   - epsilon: added to the variance
public func groupNorm(
    _ x: consuming Tensor, groupCount: Int, weight: Tensor, bias: Tensor, epsilon: Float
) -> Tensor {
    let kernel = x.workspace.kernels.scale_offset_rows
    return x.groupNormalized(
        groupCount: groupCount, weight: weight, bias: bias, epsilon: epsilon, applyingWith: kernel)
}

/// `silu(groupNorm(x, …))` in one pass over the result.
public func groupNormSiLU(
    _ x: consuming Tensor, groupCount: Int, weight: Tensor, bias: Tensor, epsilon: Float
) -> Tensor {
    let kernel = x.workspace.kernels.scale_offset_silu_rows
    return x.groupNormalized(
        groupCount: groupCount, weight: weight, bias: bias, epsilon: epsilon, applyingWith: kernel)
}

extension Tensor {
    fileprivate typealias ScaleOffsetKernel = (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int,
        Int
    ) -> Void

    fileprivate consuming func groupNormalized(
        groupCount: Int, weight: Tensor, bias: Tensor, epsilon: Float, applyingWith kernel: ScaleOffsetKernel
    ) -> Tensor {
        let channels = lastAxis
        precondition(rank >= 2, "group norm needs a batch axis; the shape is \(shape)")
        precondition(
            groupCount > 0 && channels % groupCount == 0,
            "\(channels) channels do not form \(groupCount) groups")
        let (batch, workspace) = (shape[0], self.workspace)
        let positions = count / max(1, batch * channels)
        return updated { input, output in
            for item in 0..<batch {
                let start = item * positions * channels
                let moments = GroupMoments(
                    of: input + start, positions: positions, channels: channels, groupCount: groupCount,
                    in: workspace)
                let (scale, offset) = moments.scaleAndOffset(weight: weight, bias: bias, epsilon: epsilon)
                workspace.parallel(over: positions, grain: max(1, elementGrain / channels)) { range in
                    let first = start + range.lowerBound * channels
                    kernel(input + first, scale, offset, output + first, range.count, channels)
                }
            }
        }
    }
}

/// Mean and variance of each group of channels of one image.
///
/// Sums are taken over blocks of rows as deviations from a value near the block's mean, so that f32 suffices inside a
/// block, and blocks are merged in f64 (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
/// computing sample variances", 1979, equation 2.1).
private struct GroupMoments {
    private let channels: Int
    private var mean: [Double]
    private var variance: [Double]

    private static let rowsPerBlock = 256

    init(
        of x: UnsafePointer<Float>, positions: Int, channels: Int, groupCount: Int, in workspace: Workspace
    ) {
        self.channels = channels
        let groupSize = channels / groupCount
        let blocks = (positions + Self.rowsPerBlock - 1) / Self.rowsPerBlock
        let kernel = workspace.kernels.column_moments
        // Per block and group: mean, and sum of squared deviations from it.
        let partial = [Double](unsafeUninitializedCapacity: blocks * groupCount * 2) { partial, count in
            count = blocks * groupCount * 2
            guard let partial = partial.baseAddress else { return }
            workspace.parallel(over: blocks, grain: max(1, elementGrain / channels / Self.rowsPerBlock)) {
                range in
                var shift = [Float](repeating: 0, count: channels)
                var sums = shift
                var squares = shift
                for block in range {
                    let first = block * Self.rowsPerBlock
                    let rows = min(Self.rowsPerBlock, positions - first)
                    let start = x + first * channels
                    for group in 0..<groupCount {
                        let members = group * groupSize..<(group + 1) * groupSize
                        let typical = members.reduce(Float(0)) { $0 + start[$1] } / Float(groupSize)
                        for channel in members { shift[channel] = typical }
                    }
                    kernel(start, shift, &sums, &squares, rows, channels)
                    for group in 0..<groupCount {
                        let members = group * groupSize..<(group + 1) * groupSize
                        let count = Double(rows * groupSize)
                        let sum = members.reduce(0.0) { $0 + Double(sums[$1]) }
                        let square = members.reduce(0.0) { $0 + Double(squares[$1]) }
                        let result = partial + (block * groupCount + group) * 2
                        result[0] = Double(shift[group * groupSize]) + sum / count
                        result[1] = square - sum * sum / count
                    }
                }
            }
        }
        mean = Array(repeating: 0, count: groupCount)
        variance = mean
        for group in 0..<groupCount {
            var (total, mean, squares) = (0.0, 0.0, 0.0)
            for block in 0..<blocks {
                let rows = min(Self.rowsPerBlock, positions - block * Self.rowsPerBlock)
                let count = Double(rows * groupSize)
                let blockMean = partial[(block * groupCount + group) * 2]
                let difference = blockMean - mean
                squares += partial[(block * groupCount + group) * 2 + 1]
                squares += difference * difference * total * count / (total + count)
                total += count
                mean += difference * count / total
            }
            self.mean[group] = mean
            variance[group] = max(0, squares / total)
        }
    }

    /// The normalisation as one multiply and one add per channel.
    func scaleAndOffset(weight: Tensor, bias: Tensor, epsilon: Float) -> (scale: [Float], offset: [Float]) {
        precondition(
            weight.shape == [channels] && bias.shape == [channels],
            "group norm's weight \(weight.shape) and bias \(bias.shape) do not fit \(channels) channels")
        let (weight, bias) = (weight.values, bias.values)
        let groupSize = channels / mean.count
        var scale = [Float](repeating: 0, count: channels)
        var offset = scale
        for channel in 0..<channels {
            let group = channel / groupSize
            let inverse = 1 / (variance[group] + Double(epsilon)).squareRoot()
            scale[channel] = Float(Double(weight[channel]) * inverse)
            offset[channel] = Float(Double(bias[channel]) - mean[group] * Double(weight[channel]) * inverse)
        }
        return (scale, offset)
    }
}
