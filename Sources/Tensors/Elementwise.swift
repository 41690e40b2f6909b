import CKernels

/// The fewest elements worth a thread of their own: about ten microseconds of streaming.
let elementGrain = 1 << 14

extension Tensor {
    /// The element-wise sum; `right` has the same shape or broadcasts (see `Broadcast`).
    public static func + (left: consuming Tensor, right: Tensor) -> Tensor {
        combine(left, right, with: left.workspace.kernels.add)
    }

    /// The element-wise difference; `right` has the same shape or broadcasts (see `Broadcast`).
    public static func - (left: consuming Tensor, right: Tensor) -> Tensor {
        combine(left, right, with: left.workspace.kernels.subtract)
    }

    /// The element-wise product; `right` has the same shape or broadcasts (see `Broadcast`).
    public static func * (left: consuming Tensor, right: Tensor) -> Tensor {
        combine(left, right, with: left.workspace.kernels.multiply)
    }

    /// Every element multiplied by a number.
    public static func * (tensor: consuming Tensor, scale: Float) -> Tensor {
        tensor.affine(scale: scale, offset: 0)
    }

    /// `scale * x + offset` for every element x.
    public consuming func affine(scale: Float, offset: Float) -> Tensor {
        let kernel = workspace.kernels.affine
        return mapped { input, output, count in kernel(input, scale, offset, output, count) }
    }

    private typealias BinaryKernel = (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int
    ) -> Void

    private static func combine(
        _ left: consuming Tensor, _ right: Tensor, with kernel: BinaryKernel
    ) -> Tensor {
        let broadcast = Broadcast(of: right.shape, to: left.shape)
        let workspace = left.workspace
        return left.updated { input, output in
            right.withUnsafeBuffer { right in
                guard let right = right.baseAddress else { return }
                if broadcast.repeats == 1 {
                    let count = broadcast.outer * broadcast.inner
                    workspace.parallel(over: count, grain: elementGrain) { range in
                        kernel(
                            input + range.lowerBound, right + range.lowerBound, output + range.lowerBound,
                            range.count)
                    }
                    return
                }
                let inner = broadcast.inner
                let rows = broadcast.outer * broadcast.repeats
                workspace.parallel(over: rows, grain: max(1, elementGrain / inner)) { range in
                    for row in range {
                        let operand = right + row / broadcast.repeats * inner
                        kernel(input + row * inner, operand, output + row * inner, inner)
                    }
                }
            }
        }
    }
}

/// How a tensor repeats along another: shapes are aligned at the last axis, missing axes count as 1, and the axes that
/// are 1 in the smaller shape must be consecutive. `[C]`, `[B, 1, C]` and `[B, 1, 1, C]` all broadcast to
/// `[B, H, W, C]` or `[B, N, C]` of matching rank.
struct Broadcast: Equatable {
    /// Combined length of the leading axes that both shapes have.
    let outer: Int
    /// Combined length of the axes along which the smaller one repeats.
    let repeats: Int
    /// Combined length of the trailing axes that both shapes have.
    let inner: Int

    init(of small: [Int], to large: [Int]) {
        precondition(small.count <= large.count, "\(small) does not broadcast to \(large)")
        let padded = Array(repeating: 1, count: large.count - small.count) + small
        var axis = 0
        func product(while isMember: (Int) -> Bool) -> Int {
            var product = 1
            while axis < large.count, isMember(axis) {
                product *= large[axis]
                axis += 1
            }
            return product
        }
        outer = product { padded[$0] == large[$0] }
        repeats = product { padded[$0] == 1 }
        inner = product { padded[$0] == large[$0] }
        precondition(axis == large.count, "\(small) does not broadcast to \(large)")
    }
}

extension Tensor {
    /// A result of the same shape, computed in place when nobody else can see this tensor.
    ///
    /// `body` receives the input and the output, which may be the same memory.
    consuming func updated(
        _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
        guard count > 0 else { return self }
        if ownsStorage() {
            withUnsafeMutableBuffer { buffer in
                guard let address = buffer.baseAddress else { return }
                body(address, address)
            }
            return self
        }
        let source = self
        return Tensor(shape: source.shape, in: source.workspace) { output in
            source.withUnsafeBuffer { input in
                guard let input = input.baseAddress, let output = output.baseAddress else { return }
                body(input, output)
            }
        }
    }

    /// A result of the same shape from a kernel that treats every element alike.
    consuming func mapped(
        _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) -> Tensor {
        let (count, workspace) = (self.count, self.workspace)
        return updated { input, output in
            workspace.parallel(over: count, grain: elementGrain) { range in
                kernel(input + range.lowerBound, output + range.lowerBound, range.count)
            }
        }
    }

    /// A result of the same shape from a kernel over rows of the last axis.
    consuming func mappedRows(
        _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) -> Void
    ) -> Tensor {
        let columns = lastAxis
        let (rows, workspace) = (count / max(1, columns), self.workspace)
        return updated { input, output in
            workspace.parallel(over: rows, grain: max(1, elementGrain / columns)) { range in
                let start = range.lowerBound * columns
                kernel(input + start, output + start, range.count, columns)
            }
        }
    }

    /// The length of the last axis: the channels.
    var lastAxis: Int {
        guard let last = shape.last else { preconditionFailure("a tensor without axes has no channels") }
        return last
    }

    /// Checks that a parameter has one number per channel, and calls `body` with its elements.
    func withChannels<R>(_ channels: Int, _ name: String, _ body: (UnsafePointer<Float>) -> R) -> R {
        precondition(shape == [channels], "\(name) has shape \(shape), not [\(channels)]")
        return withUnsafeBuffer { buffer in
            guard let address = buffer.baseAddress else { preconditionFailure("\(name) is empty") }
            return body(address)
        }
    }
}
