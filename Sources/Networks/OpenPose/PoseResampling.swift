import Glibc
import Tensors

// OpenPose's public code leaves resizing to OpenCV: shrinking averages what each output pixel covers (`INTER_AREA`),
// enlarging weighs the eight nearest pixels of each axis by the Lanczos window, the border repeated outwards
// (`INTER_LANCZOS4`). On bytes OpenCV computes in fixed point, and so do we: versions 4.10 and 5.0 give the same bytes.

/// Maps at another size.
///
/// - Parameter maps: [1, height, width, channels].
/// - Returns: [1, `height`, `width`, channels].
package func poseResampled(_ maps: Tensor, height: Int, width: Int) -> Tensor {
    let shrinks = height + width < maps.shape[1] + maps.shape[2]
    return weightedSums(
        maps, height: height, width: width, taps: shrinks ? ResamplingTap.area : ResamplingTap.lanczos)
}

/// A picture of whole numbers in 0...255 at another size.
///
/// - Parameter image: [1, height, width, channels].
/// - Returns: [1, `height`, `width`, channels], whole numbers in 0...255.
package func poseResized(_ image: Tensor, height: Int, width: Int) -> Tensor {
    let shrinks = height + width < image.shape[1] + image.shape[2]
    let resized = weightedSums(
        image, height: height, width: width,
        taps: shrinks ? ResamplingTap.area : ResamplingTap.fixedPointLanczos)
    return rounded(resized, shrinks ? .toNearestOrEven : .halfUp)
}

/// A picture of whole numbers in 0...255, smoothed by a Gaussian of 0.8 pixels, the border mirrored about its last pixels.
///
/// - Parameter image: [1, height, width, channels].
/// - Returns: the same shape, whole numbers in 0...255.
package func poseBlurred(_ image: Tensor) -> Tensor {
    let blurred = weightedSums(
        image, height: image.shape[1], width: image.shape[2], taps: ResamplingTap.fixedPointBlur)
    return rounded(blurred, .halfUp)
}

/// What becomes of numbers in the middle between two bytes.
private enum ByteRounding {
    case toNearestOrEven, halfUp
}

private func rounded(_ x: Tensor, _ rounding: ByteRounding) -> Tensor {
    let values = x.values.map { value in
        let whole = rounding == .halfUp ? (value + 0.5).rounded(.down) : value.rounded(.toNearestOrEven)
        return min(max(whole, 0), 255)
    }
    return Tensor(values, shape: x.shape, in: x.workspace)
}

/// One input sample and how much of it goes into an output sample.
private struct ResamplingTap {
    let index: Int
    let weight: Float

    /// What each output sample covers; parts below a thousandth of a pixel are left out.
    static func area(input: Int, output: Int) -> [[ResamplingTap]] {
        let step = Double(input) / Double(output)
        return (0..<output).map { position in
            let start = Double(position) * step
            let end = min(start + step, Double(input))
            return (Int(start)..<min(input, Int(end.rounded(.up)))).compactMap { index in
                let covered = min(Double(index + 1), end) - max(Double(index), start)
                return covered > 1e-3
                    ? ResamplingTap(index: index, weight: Float(covered / (end - start))) : nil
            }
        }
    }

    /// sinc(d) sinc(d / 4) for the distances d to the eight nearest samples, scaled to a sum of one.
    static func lanczos(input: Int, output: Int) -> [[ResamplingTap]] {
        let step = Double(input) / Double(output)
        return (0..<output).map { position in
            let center = Double(Float((Double(position) + 0.5) * step - 0.5))
            let first = Int(center.rounded(.down)) - 3
            let weights = (first...first + 7).map {
                sinc(center - Double($0)) * sinc((center - Double($0)) / 4)
            }
            let sum = weights.reduce(0, +)
            return weights.enumerated().map { offset, weight in
                ResamplingTap(index: min(max(first + offset, 0), input - 1), weight: Float(weight / sum))
            }
        }
    }

    /// The same in units of 2⁻¹¹.
    static func fixedPointLanczos(input: Int, output: Int) -> [[ResamplingTap]] {
        lanczos(input: input, output: output).map { taps in
            taps.map { tap in
                ResamplingTap(
                    index: tap.index, weight: (tap.weight * 2048).rounded(.toNearestOrEven) / 2048)
            }
        }
    }

    /// A Gaussian of 0.8 samples in units of 2⁻⁸: what rounds to nothing is left out, the middle makes up for it.
    static func fixedPointBlur(input: Int, output: Int) -> [[ResamplingTap]] {
        let weights: [Float] = [6, 58, 128, 58, 6]
        let period = max(1, 2 * (input - 1))
        return (0..<output).map { position in
            weights.enumerated().map { offset, weight in
                let folded = ((position + offset - 2) % period + period) % period
                return ResamplingTap(index: min(folded, period - folded) % input, weight: weight / 256)
            }
        }
    }

    private static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(.pi * x) / (.pi * x)
    }
}

/// Weighted sums along both axes, columns first.
///
/// - Parameter taps: those of each output sample of an axis.
private func weightedSums(
    _ x: Tensor, height: Int, width: Int, taps: (_ input: Int, _ output: Int) -> [[ResamplingTap]]
) -> Tensor {
    let (oldHeight, oldWidth, channels) = (x.shape[1], x.shape[2], x.shape[3])
    let upright = weightedSums(
        x, of: taps(oldHeight, height), count: oldHeight, length: oldWidth * channels, blocks: 1)
    return weightedSums(
        upright, of: taps(oldWidth, width), count: oldWidth, length: channels, blocks: height
    ).reshaped([1, height, width, channels])
}

/// Replaces the vectors of each block by weighted sums of them.
///
/// - Parameters:
///   - x: `blocks` times `count` vectors of `length` numbers.
///   - taps: for each vector of the result.
/// - Returns: [blocks, taps, length].
private func weightedSums(
    _ x: Tensor, of taps: [[ResamplingTap]], count: Int, length: Int, blocks: Int
) -> Tensor {
    Tensor(shape: [blocks, taps.count, length], in: x.workspace) { output in
        x.withUnsafeBuffer { input in
            guard let input = input.baseAddress, let output = output.baseAddress else { return }
            func write(_ block: Int, _ position: Int) {
                let target = output + (block * taps.count + position) * length
                target.update(repeating: 0, count: length)
                for tap in taps[position] {
                    let source = input + (block * count + tap.index) * length
                    for element in 0..<length { target[element] += tap.weight * source[element] }
                }
            }
            // A thread takes a vector where there is one block, and a block where there are many.
            if blocks == 1 {
                x.workspace.parallel(taps.count) { write(0, $0) }
            } else {
                x.workspace.parallel(blocks) { block in
                    for position in taps.indices { write(block, position) }
                }
            }
        }
    }
}
