import Tensors
import Weights

/// A table of vectors looked up by index.
public struct Embedding: Sendable {
    /// Shape [count, channels].
    let table: Tensor

    /// From `weight` [count, channels].
    ///
    /// - Throws: `WeightsError` if the tensor is missing or has another shape.
    public init(_ scope: WeightScope, count: Int, channels: Int) throws {
        table = try scope.tensor("weight", [count, channels])
    }

    /// - Parameter indices: each in `0..<count`.
    /// - Returns: [indices.count, channels].
    public func callAsFunction(_ indices: [Int]) -> Tensor {
        embedding(indices: indices, table: table)
    }
}
