import CKernels

/// x σ(x), element-wise.
public func silu(_ x: consuming Tensor) -> Tensor {
    x.mapped(x.workspace.kernels.silu)
}

/// x Φ(x) with the exact Gaussian distribution function, element-wise (arXiv 1606.08415).
public func gelu(_ x: consuming Tensor) -> Tensor {
    x.mapped(x.workspace.kernels.gelu)
}

/// x σ(1.702 x), element-wise: the approximation of GELU that CLIP uses.
public func quickGELU(_ x: consuming Tensor) -> Tensor {
    x.mapped(x.workspace.kernels.quick_gelu)
}

/// max(x, 0), element-wise.
public func relu(_ x: consuming Tensor) -> Tensor {
    x.mapped(x.workspace.kernels.relu)
}

/// min(max(x, 0), 6), element-wise.
public func relu6(_ x: consuming Tensor) -> Tensor {
    x.mapped(x.workspace.kernels.relu6)
}

/// 1 / (1 + e⁻ˣ), element-wise.
public func sigmoid(_ x: consuming Tensor) -> Tensor {
    x.mapped(x.workspace.kernels.sigmoid)
}

/// The hyperbolic tangent, element-wise.
public func tanh(_ x: consuming Tensor) -> Tensor {
    x.mapped(x.workspace.kernels.tanh)
}

/// x min(max(x + 3, 0), 6) / 6, element-wise (arXiv 1905.02244, section 5.2).
public func hardSwish(_ x: Tensor) -> Tensor {
    relu6(x.affine(scale: 1, offset: 3)).affine(scale: 1 / 6, offset: 0) * x
}

/// x where x ≥ 0, otherwise `slopes[channel]` x; channels are the last axis.
///
/// - Parameters:
///   - x: [..., channels]
///   - slopes: [channels], or [1] for one slope that all channels share
public func prelu(_ x: consuming Tensor, slopes: Tensor) -> Tensor {
    let kernel = x.workspace.kernels.prelu_rows
    let channels = x.lastAxis
    let perChannel =
        slopes.shape == [1]
        ? Tensor(Array(repeating: slopes.values[0], count: channels), shape: [channels], in: x.workspace)
        : slopes
    return x.mappedRows { input, output, rows, columns in
        perChannel.withChannels(channels, "PReLU's slopes") { kernel(input, $0, output, rows, columns) }
    }
}

/// Exponentials that sum to one along the last axis.
public func softmax(_ x: consuming Tensor) -> Tensor {
    precondition(x.lastAxis > 0, "softmax of no numbers")
    return x.mappedRows(x.workspace.kernels.softmax_rows)
}

/// The gated feed-forward's activation: the first half of the channels times the GELU of the second half
/// (arXiv 2002.05202, section 2).
///
/// - Parameter x: [..., 2 × channels]
/// - Returns: [..., channels]
public func geglu(_ x: Tensor) -> Tensor {
    precondition(x.lastAxis % 2 == 0, "GEGLU needs an even number of channels, not \(x.lastAxis)")
    let columns = x.lastAxis / 2
    let kernel = x.workspace.kernels.geglu_rows
    return Tensor(shape: x.shape.dropLast() + [columns], in: x.workspace) { output in
        x.withUnsafeBuffer { input in
            guard let input = input.baseAddress, let output = output.baseAddress, columns > 0 else { return }
            let rows = x.count / (2 * columns)
            x.workspace.parallel(over: rows, grain: max(1, elementGrain / 4 / columns)) { range in
                kernel(
                    input + range.lowerBound * 2 * columns, output + range.lowerBound * columns, range.count,
                    columns)
            }
        }
    }
}
