import Glibc

/// How a picture is sampled at another size.
///
/// Pixels are averaged under the filter's curve, which widens with the step when a picture shrinks, so that
/// nothing is skipped (antialiasing).
public enum ResizeFilter: Sendable, CaseIterable {
    /// The mean of the pixels covered; the nearest pixel when enlarging.
    case area
    /// A triangle two pixels wide.
    case bilinear
    /// Keys's cubic with a = -0.5 (IEEE Trans.
    ///
    /// ASSP 29(6), 1981), four pixels wide.
    case bicubic
    /// sinc(x) sinc(x/3), six pixels wide.
    case lanczos3

    /// Half the width of the curve, in pixels.
    var support: Double {
        switch self {
        case .area: 0.5
        case .bilinear: 1
        case .bicubic: 2
        case .lanczos3: 3
        }
    }

    func weight(_ offset: Double) -> Double {
        let x = abs(offset)
        switch self {
        case .area:
            // Half open, so that a pixel on the border between two outputs counts once.
            return offset > -0.5 && offset <= 0.5 ? 1 : 0
        case .bilinear:
            return x < 1 ? 1 - x : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        case .lanczos3:
            return x < 3 ? sinc(x) * sinc(x / 3) : 0
        }
    }
}

/// For each output sample of one axis: the first input sample and the weights, which sum to one.
struct ResizeWindow {
    let first: Int
    let weights: [Double]

    /// Output sample `i` has its centre at `(i + 0.5) * input / output`, as if samples were little squares.
    static func all(input: Int, output: Int, filter: ResizeFilter) -> [ResizeWindow] {
        let step = Double(input) / Double(output)
        let stretch = max(step, 1)
        let density = 1 / stretch
        let support = filter.support * stretch
        return (0..<output).map { index in
            let center = (Double(index) + 0.5) * step
            let first = max(0, Int(center - support + 0.5))
            let end = min(input, Int(center + support + 0.5))
            let weights = (first..<max(end, first + 1)).map { sample in
                filter.weight((Double(sample) - center + 0.5) * density)
            }
            let sum = weights.reduce(0, +)
            return ResizeWindow(first: first, weights: sum == 0 ? weights : weights.map { $0 / sum })
        }
    }
}

extension Image {
    /// The picture at another size.
    ///
    /// RGB equals Pillow's `Image.resize`, bit for bit.
    ///
    /// Colour counts only as far as it is opaque, so that transparent parts do not bleed into their neighbours.
    /// - Precondition: both sides are at least 1.
    public func resized(width newWidth: Int, height newHeight: Int, filter: ResizeFilter) -> Image {
        precondition(
            newWidth > 0 && newHeight > 0, "A picture has at least one pixel, not \(newWidth) x \(newHeight)")
        guard (newWidth, newHeight) != (width, height) else { return self }
        let premultiplied = channels == .rgba ? multiplyingByOpacity() : self
        let narrowed = premultiplied.resizedColumns(to: newWidth, filter: filter)
        let result = narrowed.resizedRows(to: newHeight, filter: filter)
        return channels == .rgba ? result.dividingByOpacity() : result
    }

    /// The picture with its longer side at most `longestSide`; smaller pictures stay as they are.
    public func fitted(longestSide: Int, filter: ResizeFilter) -> Image {
        precondition(longestSide > 0, "A picture has at least one pixel")
        let longest = max(width, height)
        guard longest > longestSide else { return self }
        let scale = Double(longestSide) / Double(longest)
        return resized(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())), filter: filter)
    }

    private func resizedColumns(to newWidth: Int, filter: ResizeFilter) -> Image {
        guard newWidth != width else { return self }
        let windows = FixedPointWindows(input: width, output: newWidth, filter: filter)
        let size = channels.rawValue
        let result = [UInt8](unsafeUninitializedCapacity: newWidth * height * size) { buffer, count in
            count = newWidth * height * size
            pixels.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    for x in 0..<newWidth {
                        for channel in 0..<size {
                            buffer[(y * newWidth + x) * size + channel] = windows.sample(
                                x, of: source, from: y * width * size + channel, stride: size)
                        }
                    }
                }
            }
        }
        return Image(width: newWidth, height: height, channels: channels, pixels: result)
    }

    private func resizedRows(to newHeight: Int, filter: ResizeFilter) -> Image {
        guard newHeight != height else { return self }
        let windows = FixedPointWindows(input: height, output: newHeight, filter: filter)
        let rowBytes = width * channels.rawValue
        let result = [UInt8](unsafeUninitializedCapacity: newHeight * rowBytes) { buffer, count in
            count = newHeight * rowBytes
            pixels.withUnsafeBufferPointer { source in
                for y in 0..<newHeight {
                    for byte in 0..<rowBytes {
                        buffer[y * rowBytes + byte] = windows.sample(
                            y, of: source, from: byte, stride: rowBytes)
                    }
                }
            }
        }
        return Image(width: width, height: newHeight, channels: channels, pixels: result)
    }

    private func multiplyingByOpacity() -> Image {
        mappingColors { color, alpha in (color * alpha + 127) / 255 }
    }

    private func dividingByOpacity() -> Image {
        mappingColors { color, alpha in alpha == 0 ? 0 : min(255, (color * 255 + alpha / 2) / alpha) }
    }

    private func mappingColors(_ transform: (_ color: Int, _ alpha: Int) -> Int) -> Image {
        let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
            count = pixels.count
            for start in stride(from: 0, to: count, by: 4) {
                let alpha = pixels[start + 3]
                for channel in 0..<3 {
                    buffer[start + channel] = UInt8(transform(Int(pixels[start + channel]), Int(alpha)))
                }
                buffer[start + 3] = alpha
            }
        }
        return Image(width: width, height: height, channels: .rgba, pixels: result)
    }
}

/// `ResizeWindow`s as 22-bit fixed point: with 8-bit samples the sums fit 32 bits with room for the overshoot
/// of Lanczos, and the result does not depend on the order of additions.
private struct FixedPointWindows {
    private static let fractionBits = 22

    private let starts: [(input: Int, weight: Int, count: Int)]
    private let weights: [Int32]

    init(input: Int, output: Int, filter: ResizeFilter) {
        var starts: [(input: Int, weight: Int, count: Int)] = []
        var weights: [Int32] = []
        for window in ResizeWindow.all(input: input, output: output, filter: filter) {
            starts.append((window.first, weights.count, window.weights.count))
            let one = Double(1 << Self.fractionBits)
            weights += window.weights.map { Int32(($0 * one).rounded(.toNearestOrAwayFromZero)) }
        }
        self.starts = starts
        self.weights = weights
    }

    @inline(__always)
    func sample(_ index: Int, of source: UnsafeBufferPointer<UInt8>, from offset: Int, stride: Int) -> UInt8 {
        let window = starts[index]
        return weights.withUnsafeBufferPointer { weights in
            var sum = Int32(1) << (Self.fractionBits - 1)
            var position = offset + window.input * stride
            for tap in window.weight..<window.weight + window.count {
                sum &+= weights[tap] &* Int32(source[position])
                position += stride
            }
            return UInt8(clamping: sum >> Self.fractionBits)
        }
    }
}

/// sin(πx) / πx, and 1 at zero.
private func sinc(_ x: Double) -> Double {
    guard x != 0 else { return 1 }
    return sin(.pi * x) / (.pi * x)
}
