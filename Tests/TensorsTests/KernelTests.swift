import CKernels
import TestSupport
import Testing

/// Every faster table of kernels against the scalar one, after dav1d's checkasm: all small sizes, so that every
/// remainder of every vector loop is met, unaligned pointers, and guards around everything that is written.
struct KernelTests {
    static let faster: [FasterKernels] = [ck_kernels_avx2(), ck_kernels_best()].compactMap { pointer in
        guard let pointer, pointer != ck_kernels_scalar() else { return nil }
        return FasterKernels(table: pointer.pointee)
    }

    let scalar = ck_kernels_scalar().pointee

    @Test(arguments: faster) func elementwise(_ faster: FasterKernels) {
        let pairs = [
            (scalar.add, faster.table.add), (scalar.subtract, faster.table.subtract),
            (scalar.multiply, faster.table.multiply),
        ]
        for count in 0...35 {
            let (a, b) = (noise(count, seed: 1), noise(count, seed: 2))
            for (expected, actual) in pairs {
                // The same single rounding.
                compare(count: count, absolute: 0, relative: 0) { (isFaster, out) in
                    (isFaster ? actual : expected)(a.pointer, b.pointer, out, count)
                }
            }
            compare(count: count, absolute: 1e-6, relative: 1e-6) { (isFaster, out) in
                (isFaster ? faster.table : scalar).affine(a.pointer, 1.5, -0.25, out, count)
            }
        }
    }

    @Test(arguments: faster) func activations(_ faster: FasterKernels) {
        let table = faster.table
        let pairs = [
            (scalar.silu, table.silu), (scalar.gelu, table.gelu), (scalar.quick_gelu, table.quick_gelu),
            (scalar.relu, table.relu), (scalar.relu6, table.relu6), (scalar.sigmoid, table.sigmoid),
            (scalar.tanh, table.tanh),
        ]
        for (expected, actual) in pairs {
            for scale: Float in [1e-3, 1, 8, 100] {
                for count in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 250] {
                    let x = noise(count, seed: UInt64(count), scale: scale)
                    // A few units in the last place, where the result is not a vanishing tail.
                    compare(count: count, absolute: 2e-7 * min(scale, 1), relative: 5e-7) { (isFaster, out) in
                        (isFaster ? actual : expected)(x.pointer, out, count)
                    }
                }
            }
        }
    }

    @Test(arguments: faster) func exponentialOverItsRange(_ faster: FasterKernels) {
        let count = 40_000
        let x = Guarded(count: count) { -103 + Float($0) * 0.0047 }
        compare(count: count, absolute: .leastNormalMagnitude, relative: 3e-7) { (isFaster, out) in
            (isFaster ? faster.table : scalar).exp(x.pointer, out, count)
        }
        let edges: [Float] = [-.infinity, -1e30, -104, -87.4, -0.0, 0, 88.7, 89, 1e30, .infinity]
        var results = [Float](repeating: 7, count: edges.count)
        faster.table.exp(edges, &results, edges.count)
        #expect(results[0] == 0 && results[1] == 0 && results[4] == 1 && results[5] == 1)
        #expect(results[6].isFinite && results[7] == .infinity && results[9] == .infinity)
    }

    @Test(arguments: faster) func notANumberStays(_ faster: FasterKernels) {
        let table = faster.table
        let kernels = [
            table.silu, table.gelu, table.quick_gelu, table.relu, table.relu6, table.sigmoid, table.tanh,
            table.exp,
        ]
        for (index, kernel) in kernels.enumerated() {
            for position in 0..<11 {
                var x = [Float](repeating: 0.5, count: 11)
                x[position] = .nan
                var out = [Float](repeating: 0, count: 11)
                kernel(x, &out, 11)
                #expect(out[position].isNaN, "kernel \(index), element \(position)")
                #expect(out.filter(\.isNaN).count == 1, "kernel \(index), element \(position)")
            }
        }
    }

    @Test(arguments: faster) func rowKernels(_ faster: FasterKernels) {
        for rows in 0...3 {
            for columns in 1...50 {
                let x = noise(rows * columns, seed: 3, scale: 4)
                let (scale, offset) = (noise(columns, seed: 4), noise(columns, seed: 5))
                compare(count: rows * columns, absolute: 0, relative: 0) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).prelu_rows(
                        x.pointer, scale.pointer, out, rows, columns)
                }
                // One rounding fewer with a fused multiply-add, of a product below 4.
                compare(count: rows * columns, absolute: 5e-7, relative: 1e-6) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).scale_offset_rows(
                        x.pointer, scale.pointer, offset.pointer, out, rows, columns)
                }
                compare(count: rows * columns, absolute: 1e-6, relative: 1e-6) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).scale_offset_silu_rows(
                        x.pointer, scale.pointer, offset.pointer, out, rows, columns)
                }
                compare(count: rows * columns, absolute: 0, relative: 1e-6) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).softmax_rows(x.pointer, out, rows, columns)
                }
                let gated = noise(rows * columns * 2, seed: 6, scale: 4)
                compare(count: rows * columns, absolute: 1e-6, relative: 1e-6) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).geglu_rows(gated.pointer, out, rows, columns)
                }
                // Sums in another order.
                compare(count: rows * columns, absolute: 1e-5, relative: 1e-5) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).layer_norm_rows(
                        x.pointer, scale.pointer, offset.pointer, 1e-2, out, rows, columns)
                }
            }
        }
    }

    @Test(arguments: faster) func columnMoments(_ faster: FasterKernels) {
        for rows in [0, 1, 2, 33] {
            for columns in 1...70 {
                let (x, shift) = (noise(rows * columns, seed: 7), noise(columns, seed: 8))
                compare(count: 2 * columns, absolute: 1e-5, relative: 1e-5) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).column_moments(
                        x.pointer, shift.pointer, out, out + columns, rows, columns)
                }
            }
        }
    }

    @Test(arguments: faster) func matrixProductOfPanels(_ faster: FasterKernels) {
        for rows in [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 241, 243] {
            for depth in [1, 2, 7, 255, 256, 257, 515] {
                let columns = rows < 13 ? 48 : 16
                let left = noise(rows * (depth + 3), seed: 9)
                let panels = noise(columns * depth, seed: 10)
                compare(count: rows * columns, absolute: 2e-5, relative: 1e-5) { (isFaster, out) in
                    (isFaster ? faster.table : scalar).multiply_panels(
                        left.pointer, depth + 3, panels.pointer, out, columns, rows, columns, depth)
                }
            }
        }
    }

    @Test(arguments: faster) func winogradTransforms(_ faster: FasterKernels) {
        for channels in 1...35 {
            let stride = channels + 5
            let image = noise(36 * channels, seed: 11)
            let planes = noise(36 * stride, seed: 12)
            let bias = noise(channels, seed: 13)
            compare(count: 36 * stride, absolute: 1e-5, relative: 1e-6) { (isFaster, out) in
                for plane in 0..<36 { (out + plane * stride + channels).update(repeating: 0, count: 5) }
                let pixels = (0..<36).map { UnsafePointer(image.pointer + $0 * channels) }
                (isFaster ? faster.table : scalar).winograd_input(pixels, out, stride, channels)
            }
            compare(count: 16 * channels, absolute: 1e-4, relative: 1e-6) { (isFaster, out) in
                let pixels = (0..<16).map { out + $0 * channels }
                (isFaster ? faster.table : scalar).winograd_output(
                    planes.pointer, stride, bias.pointer, pixels, channels)
            }
        }
    }

    @Test(arguments: faster) func depthwisePixel(_ faster: FasterKernels) {
        for taps in [0, 1, 4, 9, 25] {
            for channels in 1...70 {
                let (image, weight) = (noise(taps * channels, seed: 19), noise(taps * channels, seed: 20))
                let bias = noise(channels, seed: 21)
                // Sums of up to 25 products below 1, each with one rounding fewer.
                compare(count: channels, absolute: 3e-6, relative: 1e-6) { (isFaster, out) in
                    let pixels = (0..<taps).map { UnsafePointer(image.pointer + $0 * channels) }
                    let weights = (0..<taps).map { UnsafePointer(weight.pointer + $0 * channels) }
                    (isFaster ? faster.table : scalar).depthwise_pixel(
                        pixels, weights, taps, bias.pointer, out, channels)
                }
            }
        }
    }

    @Test(arguments: faster) func halfPrecision(_ faster: FasterKernels) {
        // All values there are.
        let all = (0...UInt16.max).map { $0 }
        for kernel in [\ck_kernels.widen_f16, \ck_kernels.widen_bf16] {
            var expected = [Float](repeating: 0, count: all.count)
            var actual = expected
            scalar[keyPath: kernel](all, &expected, all.count)
            faster.table[keyPath: kernel](all, &actual, all.count)
            #expect(zip(expected, actual).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
        }
        for count in 0...17 {
            compare(count: count, absolute: 0, relative: 0) { (isFaster, out) in
                (isFaster ? faster.table : scalar).widen_f16(Array(all[15_000...]), out, count)
            }
            compare(count: count, absolute: 0, relative: 0) { (isFaster, out) in
                (isFaster ? faster.table : scalar).widen_bf16(Array(all[15_000...]), out, count)
            }
        }
    }

    @Test func scalarHalfPrecisionIsIEEE() {
        let all = (0...UInt16.max).map { $0 }
        var widened = [Float](repeating: 0, count: all.count)
        scalar.widen_f16(all, &widened, all.count)
        #expect(
            zip(all, widened).allSatisfy { bits, value in
                let half = Float(Float16(bitPattern: bits))
                return half == value || half.isNaN && value.isNaN
            })
    }

    @Test(arguments: faster) func attentionBlocks(_ faster: FasterKernels) {
        for headSize in stride(from: 8, through: 168, by: 8) {
            for (rows, keys) in [(1, 1), (2, 15), (3, 16), (5, 17), (6, 130), (7, 31), (8, 40)] {
                for isCausal in [false, true] {
                    let example = AttentionCase(
                        rows: rows, keys: keys, headSize: headSize, isCausal: isCausal)
                    compare(count: example.stateCount, absolute: 2e-5, relative: 1e-5) { (isFaster, out) in
                        example.run(isFaster ? faster.table : scalar, state: out)
                    }
                }
            }
        }
    }
}

/// A table under test, named in the test's output.
struct FasterKernels: Sendable, CustomTestStringConvertible {
    // Constant function pointers of this program.
    nonisolated(unsafe) let table: ck_kernels
    var testDescription: String { String(cString: table.name) }
}

/// Two consecutive blocks of keys, so that the second continues a state.
private struct AttentionCase {
    let rows, keys, headSize: Int
    let isCausal: Bool
    var stateCount: Int { rows * (headSize + 2) }

    func run(_ table: ck_kernels, state: UnsafeMutablePointer<Float>) {
        let padded = (keys + 15) / 16 * 16
        let queries = noise(rows * headSize, seed: 14, scale: 2)
        let (maxima, sums, weighted) = (state, state + rows, state + 2 * rows)
        maxima.update(repeating: -.infinity, count: rows)
        sums.update(repeating: 0, count: rows * (headSize + 1))
        var scores = [Float](repeating: 0, count: rows * padded)
        for part in 0..<2 {
            let panels = noise(padded * headSize, seed: UInt64(15 + part))
            let values = noise(keys * headSize, seed: UInt64(17 + part))
            scores.withUnsafeMutableBufferPointer { scores in
                guard let scores = scores.baseAddress else { return }
                var block = ck_attention_block(
                    rows: rows, keys: keys, head_size: headSize,
                    visible: isCausal ? (part == 0 ? 1 : 0) : keys,
                    visible_step: isCausal ? 1 : 0, queries: queries.pointer, key_panels: panels.pointer,
                    values: values.pointer, scores: scores, maxima: maxima, sums: sums, weighted: weighted)
                table.attend_block(&block)
            }
        }
    }
}

/// Numbers in −scale ..< scale at an address that is not aligned for vectors.
private func noise(_ count: Int, seed: UInt64, scale: Float = 1) -> Guarded {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return Guarded(count: count) { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Float(state >> 40) / Float(1 << 23) - 1) * scale
    }
}

/// Runs both versions into guarded memory at every alignment, and compares what they wrote.
private func compare(
    count: Int, absolute: Float, relative: Float, sourceLocation: SourceLocation = #_sourceLocation,
    _ run: (_ isFaster: Bool, _ out: UnsafeMutablePointer<Float>) -> Void
) {
    let expected = Guarded(count: count) { _ in 7 }
    run(false, expected.pointer)
    for alignment in 0..<2 {
        let actual = Guarded(count: count, alignment: alignment * 5 + 1) { _ in 7 }
        run(true, actual.pointer)
        #expect(
            actual.isIntact && expected.isIntact, "wrote outside \(count) elements",
            sourceLocation: sourceLocation)
        expectClose(
            actual.values, expected.values, absolute: absolute, relative: relative,
            sourceLocation: sourceLocation)
    }
}

/// Floats between two guard zones that nothing may write to.
private final class Guarded {
    private static let zone = 16
    private static let mark = Float(bitPattern: 0x7fc0_dead)
    private let memory: UnsafeMutableBufferPointer<Float>
    private let start: Int
    private let count: Int

    let pointer: UnsafeMutablePointer<Float>
    var values: [Float] { Array(memory[start..<start + count]) }

    init(count: Int, alignment: Int = 3, _ value: (Int) -> Float) {
        self.count = count
        start = Self.zone + alignment
        let base = UnsafeMutablePointer<Float>.allocate(capacity: count + 3 * Self.zone)
        memory = UnsafeMutableBufferPointer(start: base, count: count + 3 * Self.zone)
        pointer = base + start
        memory.initialize(repeating: Self.mark)
        for index in 0..<count { memory[start + index] = value(index) }
    }

    var isIntact: Bool {
        memory.indices.allSatisfy { index in
            (start..<start + count).contains(index) || memory[index].bitPattern == Self.mark.bitPattern
        }
    }

    deinit { memory.deallocate() }
}
