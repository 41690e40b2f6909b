import Weights

extension WeightScope {
    /// The length of one axis of a tensor, for networks that take their sizes from their weights.
    ///
    /// - Parameter released: the length in the released weights. It stands in where there is no such tensor or axis:
    ///   reading the tensor throws then, and names the size that it should have.
    func length(ofAxis axis: Int, of name: String, released: Int) -> Int {
        guard let shape = shape(of: name), shape.indices.contains(axis) else { return released }
        // An empty axis fits no network; with 1, reading the tensor throws.
        return max(1, shape[axis])
    }
}
