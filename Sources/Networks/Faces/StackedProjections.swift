import Tensors

extension Linear {
    /// A layer without bias from some rows of a tensor in which several projections stand below each other.
    ///
    /// - Parameter stacked: [all outputs, inputs].
    init(rows: Range<Int>, of stacked: Tensor) {
        weight = stacked[rows]
        bias = nil
    }
}
