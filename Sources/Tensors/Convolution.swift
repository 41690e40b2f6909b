/// Rows and columns of zeros around an image.
public struct Padding: Sendable, Equatable {
    /// Rows above.
    public let top: Int
    /// Columns before.
    public let left: Int
    /// Rows below.
    public let bottom: Int
    /// Columns after.
    public let right: Int

    /// Padding of each side on its own.
    public init(top: Int, left: Int, bottom: Int, right: Int) {
        precondition(min(top, left, bottom, right) >= 0, "padding cannot be negative")
        (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
    }

    /// The same padding on all sides.
    public init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }

    /// No padding.
    public static let none = Padding(0)
}

/// The weight of a convolution, rearranged once for the channels-last layout.
public struct ConvolutionWeight: Sendable {
    /// Rows of the kernel.
    public let height: Int
    /// Columns of the kernel.
    public let width: Int
    /// Channels of the image it applies to.
    public let inputs: Int
    /// Channels of the result.
    public let outputs: Int
    /// [outputs, height × width × inputs]: one row of dot products per output channel.
    let rows: Tensor
    private let winograd = LazyTensor()

    /// The weight as `WinogradConvolution` wants it, made at first use.
    var transformed: Tensor { winograd.get { WinogradConvolution.transformed(self) } }

    /// Packs a weight in PyTorch's order, [outputs, inputs, height, width].
    public init(_ oihw: Tensor) {
        precondition(oihw.rank == 4, "a convolution's weight has four axes; the shape is \(oihw.shape)")
        (outputs, inputs) = (oihw.shape[0], oihw.shape[1])
        (height, width) = (oihw.shape[2], oihw.shape[3])
        let arranged = height * width == 1 ? oihw : oihw.transposed([0, 2, 3, 1])
        rows = arranged.reshaped([outputs, height * width * inputs])
    }

    /// Takes a weight in TensorFlow Lite's order, [outputs, height, width, inputs], which needs no packing.
    public init(channelsLast ohwi: Tensor) {
        precondition(ohwi.rank == 4, "a convolution's weight has four axes; the shape is \(ohwi.shape)")
        (outputs, height) = (ohwi.shape[0], ohwi.shape[1])
        (width, inputs) = (ohwi.shape[2], ohwi.shape[3])
        rows = ohwi.reshaped([outputs, height * width * inputs])
    }
}

/// A convolution (cross-correlation, as in PyTorch) of channels-last images.
///
/// - Parameters:
///   - x: [batch, height, width, inputs]
///   - weight: packed [outputs, inputs, kernel height, kernel width]
///   - bias: [outputs], or nil for none
///   - stride: step between kernel positions, in both directions
///   - padding: zeros around the image
/// - Returns: [batch, (height + padding − kernel height) / stride + 1, …, outputs]
public func convolution2D(
    _ x: Tensor, weight: ConvolutionWeight, bias: Tensor?, stride: Int, padding: Padding
) -> Tensor {
    let geometry = ConvolutionGeometry(x.shape, weight: weight, stride: stride, padding: padding)
    if geometry.isPointwise {
        return linear(x, weight: weight.rows, bias: bias)
    }
    if let winograd = WinogradConvolution(geometry) {
        return winograd(x, transformedWeight: weight.transformed, bias: bias)
    }
    // A few hundred positions are one matrix product, cut along its columns: each thread then packs only its share of a
    // weight that is larger than the image.
    let positions = geometry.batch * geometry.outputHeight * geometry.outputWidth
    return positions <= 512
        ? convolutionOfSmallImage(x, weight: weight, bias: bias, geometry: geometry)
        : convolutionByBands(x, weight: weight, bias: bias, geometry: geometry)
}

/// The sizes of one convolution.
struct ConvolutionGeometry {
    let batch, height, width, inputs: Int
    let kernelHeight, kernelWidth, stride: Int
    let padding: Padding
    let outputHeight, outputWidth, outputs: Int

    init(_ shape: [Int], weight: ConvolutionWeight, stride: Int, padding: Padding) {
        precondition(
            shape.count == 4 && shape[3] == weight.inputs,
            "a convolution of \(weight.inputs) channels does not apply to an image of shape \(shape)")
        let windows = WindowGeometry(
            shape, height: weight.height, width: weight.width, stride: stride, padding: padding)
        (batch, height, width, inputs) = (windows.batch, windows.height, windows.width, windows.channels)
        (kernelHeight, kernelWidth, outputs) = (weight.height, weight.width, weight.outputs)
        (self.stride, self.padding) = (stride, padding)
        (outputHeight, outputWidth) = (windows.outputHeight, windows.outputWidth)
    }

    var isPointwise: Bool {
        kernelHeight == 1 && kernelWidth == 1 && stride == 1 && padding == .none
    }
}

/// Convolution as one matrix product of all patches.
private func convolutionOfSmallImage(
    _ x: Tensor, weight: ConvolutionWeight, bias: Tensor?, geometry: ConvolutionGeometry
) -> Tensor {
    let depth = geometry.kernelHeight * geometry.kernelWidth * geometry.inputs
    let rowLength = geometry.outputWidth * depth
    let rows = geometry.batch * geometry.outputHeight
    let patches = Tensor(shape: [rows * geometry.outputWidth, depth], in: x.workspace) { patches in
        x.withUnsafeBuffer { image in
            guard let image = image.baseAddress, let patches = patches.baseAddress else { return }
            x.workspace.parallel(rows) { row in
                geometry.writePatches(of: image, outputRows: row..<row + 1, to: patches + row * rowLength)
            }
        }
    }
    return linear(patches, weight: weight.rows, bias: bias)
        .reshaped([geometry.batch, geometry.outputHeight, geometry.outputWidth, geometry.outputs])
}

/// Convolution as matrix products over bands of output rows: each band's patches are laid out as the rows of a matrix
/// small enough to stay in the cache.
private func convolutionByBands(
    _ x: Tensor, weight: ConvolutionWeight, bias: Tensor?, geometry: ConvolutionGeometry
) -> Tensor {
    let workspace = x.workspace
    let depth = geometry.kernelHeight * geometry.kernelWidth * geometry.inputs
    let (outputWidth, outputs) = (geometry.outputWidth, geometry.outputs)
    let totalRows = geometry.batch * geometry.outputHeight
    let product = MatrixProduct(
        rows: totalRows * outputWidth, columns: outputs, depth: depth, leftStride: depth,
        right: .transposed(stride: depth), outputStride: outputs)
    // Patches of one band: about a megabyte, and at least 128 rows so that packing the weight pays.
    let bandPositions = max(128, (1 << 18) / max(1, depth))
    let bandRows = max(
        1, min(bandPositions / outputWidth, (totalRows + workspace.threadCount - 1) / workspace.threadCount))
    let shape = [geometry.batch, geometry.outputHeight, outputWidth, outputs]
    return Tensor(shape: shape, in: workspace) { output in
        x.withUnsafeBuffer { x in
            weight.rows.withUnsafeBuffer { weight in
                guard let x = x.baseAddress, let weight = weight.baseAddress, let output = output.baseAddress
                else { return }
                let bands = (totalRows + bandRows - 1) / bandRows
                workspace.parallel(bands) { band in
                    let rows = band * bandRows..<min(totalRows, (band + 1) * bandRows)
                    let positions = rows.count * outputWidth
                    let patches = workspace.arena.allocate(byteCount: positions * depth * 4)
                    defer { workspace.arena.release(patches) }
                    let columns = patches.address.bindMemory(to: Float.self, capacity: positions * depth)
                    geometry.writePatches(of: x, outputRows: rows, to: columns)
                    let target = output + rows.lowerBound * outputWidth * outputs
                    if let bias { bias.repeatRows(positions, into: target) }
                    product.multiply(
                        columns, weight, into: target, rows: 0..<positions, columns: 0..<outputs,
                        accumulating: bias != nil)
                }
            }
        }
    }
}

extension Tensor {
    /// Writes this tensor's elements `count` times.
    fileprivate func repeatRows(_ count: Int, into output: UnsafeMutablePointer<Float>) {
        withUnsafeBuffer { row in
            guard let address = row.baseAddress else { return }
            for index in 0..<count { (output + index * row.count).update(from: address, count: row.count) }
        }
    }
}

extension ConvolutionGeometry {
    /// Writes the patch under each kernel position of some output rows: [position][kernel row][kernel column][channel].
    ///
    /// Rows are counted over the whole batch.
    fileprivate func writePatches(
        of image: UnsafePointer<Float>, outputRows: Range<Int>, to patches: UnsafeMutablePointer<Float>
    ) {
        var patch = patches
        for row in outputRows {
            let item = image + row / outputHeight * height * width * inputs
            let top = row % outputHeight * stride - padding.top
            for column in 0..<outputWidth {
                let left = column * stride - padding.left
                // The part of the kernel's columns that lies inside the image.
                let inside = max(0, min(kernelWidth, -left))..<max(0, min(kernelWidth, width - left))
                for kernelRow in 0..<kernelHeight {
                    let y = top + kernelRow
                    if y < 0 || y >= height || inside.isEmpty {
                        patch.update(repeating: 0, count: kernelWidth * inputs)
                    } else {
                        let before = inside.lowerBound * inputs
                        let after = (kernelWidth - inside.upperBound) * inputs
                        patch.update(repeating: 0, count: before)
                        (patch + before).update(
                            from: item + (y * width + left + inside.lowerBound) * inputs,
                            count: inside.count * inputs)
                        (patch + before + inside.count * inputs).update(repeating: 0, count: after)
                    }
                    patch += kernelWidth * inputs
                }
            }
        }
    }
}
