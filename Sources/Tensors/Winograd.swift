import CKernels
import Synchronization

/// 3 × 3 convolutions of stride 1 by Winograd's F(4 × 4, 3 × 3), with a quarter of the multiplications.
///
/// The image is cut into tiles of 4 × 4 outputs. Bands of tiles are transformed into 36 matrices [tiles, inputs], these
/// are multiplied by the 36 matrices of the transformed weight, and the products transformed back.
struct WinogradConvolution {
    let geometry: ConvolutionGeometry

    /// Nil unless the algorithm applies and pays: transformed weights take four times the memory of the plain ones,
    /// which below 32 × 32 pixels costs more to read than the saved multiplications.
    init?(_ geometry: ConvolutionGeometry) {
        guard geometry.kernelHeight == 3, geometry.kernelWidth == 3, geometry.stride == 1,
            geometry.inputs >= 32,
            geometry.outputHeight * geometry.outputWidth >= 1024
        else { return nil }
        self.geometry = geometry
    }

    private static let planeCount = 36

    /// Matrices of one band together, in bytes: a share of the last-level cache.
    private static let bandBytes = 16 << 20

    private var tileRows: Int { (geometry.outputHeight + 3) / 4 }
    private var tileColumns: Int { (geometry.outputWidth + 3) / 4 }
    private var paddedOutputs: Int { (geometry.outputs + 15) / 16 * 16 }

    /// [36, outputs / 16, inputs, 16]
    static func transformed(_ weight: ConvolutionWeight) -> Tensor {
        let panels = (weight.outputs + 15) / 16
        let workspace = weight.rows.workspace
        return Tensor(shape: [planeCount, panels, weight.inputs, 16], in: workspace) { planes in
            weight.rows.withUnsafeBuffer { rows in
                guard let rows = rows.baseAddress, let start = planes.baseAddress else { return }
                if weight.outputs % 16 != 0 { planes.update(repeating: 0) }
                workspace.parallel(panels) { panel in
                    let last = min(weight.outputs, (panel + 1) * 16)
                    ck_winograd_weights(rows, weight.outputs, weight.inputs, panel * 16, last, start)
                }
            }
        }
    }

    func callAsFunction(_ x: Tensor, transformedWeight: Tensor, bias: Tensor?) -> Tensor {
        let workspace = x.workspace
        let (inputs, outputs) = (geometry.inputs, geometry.outputs)
        let tileCount = geometry.batch * tileRows * tileColumns
        let bandLimit = Self.bandBytes / (Self.planeCount * 4 * (inputs + paddedOutputs))
        let bandCount = (tileCount + bandLimit - 1) / max(1, bandLimit)
        let bandTiles = (tileCount + bandCount - 1) / bandCount
        // One cache line more than a power of two might be: the 36 planes must not fall on the same lines of the cache.
        let inputStride = bandTiles * inputs + 16
        let outputStride = bandTiles * paddedOutputs + 16
        let scratch = Scratch(
            counts: [Self.planeCount * inputStride, Self.planeCount * outputStride, inputs, outputs],
            in: workspace)
        defer { scratch.release(in: workspace) }
        let (inputPlanes, outputPlanes) = (scratch.parts[0], scratch.parts[1])
        let (zeros, offsets) = (scratch.parts[2], scratch.parts[3])
        zeros.update(repeating: 0, count: inputs)
        writeOffsets(bias, to: offsets)

        let shape = [geometry.batch, geometry.outputHeight, geometry.outputWidth, outputs]
        return Tensor(shape: shape, in: workspace) { output in
            x.withUnsafeBuffer { image in
                transformedWeight.withUnsafeBuffer { weight in
                    guard let image = image.baseAddress, let weight = weight.baseAddress,
                        let output = output.baseAddress
                    else { return }
                    for first in stride(from: 0, to: tileCount, by: bandTiles) {
                        let count = min(bandTiles, tileCount - first)
                        workspace.parallel(over: count, grain: 4) { tiles in
                            for tile in tiles {
                                transformInput(
                                    image, tile: first + tile, zeros: zeros, to: inputPlanes + tile * inputs,
                                    stride: inputStride, kernels: workspace.kernels)
                            }
                        }
                        workspace.parallel(Self.planeCount) { plane in
                            workspace.kernels.multiply_panels(
                                inputPlanes + plane * inputStride, inputs,
                                weight + plane * inputs * paddedOutputs,
                                outputPlanes + plane * outputStride, paddedOutputs, count, paddedOutputs,
                                inputs)
                        }
                        workspace.parallel(over: count, grain: 4) { tiles in
                            for tile in tiles {
                                transformOutput(
                                    outputPlanes + tile * paddedOutputs, stride: outputStride,
                                    offsets: offsets,
                                    tile: first + tile, to: output, kernels: workspace.kernels)
                            }
                        }
                    }
                }
            }
        }
    }

    private func writeOffsets(_ bias: Tensor?, to offsets: UnsafeMutablePointer<Float>) {
        guard let bias else {
            offsets.update(repeating: 0, count: geometry.outputs)
            return
        }
        bias.withChannels(geometry.outputs, "the bias") { offsets.update(from: $0, count: geometry.outputs) }
    }

    /// Where the first output of a tile is, tiles being counted over the batch.
    private func position(ofTile tile: Int) -> (item: Int, row: Int, column: Int) {
        let (item, rest) = tile.quotientAndRemainder(dividingBy: tileRows * tileColumns)
        return (item, rest / tileColumns * 4, rest % tileColumns * 4)
    }

    private func transformInput(
        _ image: UnsafePointer<Float>, tile: Int, zeros: UnsafePointer<Float>,
        to planes: UnsafeMutablePointer<Float>, stride: Int, kernels: ck_kernels
    ) {
        let (item, row, column) = position(ofTile: tile)
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 36) { pixels in
            for index in 0..<36 {
                let y = row + index / 6 - geometry.padding.top
                let x = column + index % 6 - geometry.padding.left
                let inside = y >= 0 && y < geometry.height && x >= 0 && x < geometry.width
                let offset = ((item * geometry.height + y) * geometry.width + x) * geometry.inputs
                pixels.initializeElement(at: index, to: inside ? image + offset : zeros)
            }
            guard let pixels = pixels.baseAddress else { return }
            kernels.winograd_input(pixels, planes, stride, geometry.inputs)
        }
    }

    private func transformOutput(
        _ planes: UnsafePointer<Float>, stride: Int, offsets: UnsafePointer<Float>, tile: Int,
        to output: UnsafeMutablePointer<Float>, kernels: ck_kernels
    ) {
        let (item, row, column) = position(ofTile: tile)
        let (height, width, outputs) = (geometry.outputHeight, geometry.outputWidth, geometry.outputs)
        // Tiles at the lower and right border reach outside the image: those outputs are written where nobody looks.
        let reachesOutside = row + 4 > height || column + 4 > width
        withUnsafeTemporaryAllocation(of: Float.self, capacity: reachesOutside ? outputs : 1) { outside in
            withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>.self, capacity: 16) { pixels in
                guard let outside = outside.baseAddress, let start = pixels.baseAddress else { return }
                for index in 0..<16 {
                    let (y, x) = (row + index / 4, column + index % 4)
                    let inside = y < height && x < width
                    let pixel = output + ((item * height + y) * width + x) * outputs
                    pixels.initializeElement(at: index, to: inside ? pixel : outside)
                }
                kernels.winograd_output(planes, stride, offsets, start, outputs)
            }
        }
    }
}

/// A tensor that is made when it is first needed, and kept.
final class LazyTensor: Sendable {
    private let value = Mutex<Tensor?>(nil)

    func get(orMake make: () -> Tensor) -> Tensor {
        value.withLock { value in
            if let made = value { return made }
            let made = make()
            value = made
            return made
        }
    }
}
