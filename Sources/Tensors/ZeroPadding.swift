/// A tensor with zeros around it.
///
/// - Parameters:
///   - before: for each axis, how many zeros precede the elements
///   - after: for each axis, how many follow them
public func zeroPadded(_ x: Tensor, before: [Int], after: [Int]) -> Tensor {
    precondition(
        before.count == x.rank && after.count == x.rank && (before + after).allSatisfy { $0 >= 0 },
        "\(before) and \(after) do not pad a tensor of shape \(x.shape)")
    guard x.rank > 0, x.count > 0 else { return x }
    let shape = x.shape.indices.map { before[$0] + x.shape[$0] + after[$0] }
    var steps = [Int](repeating: 1, count: x.rank)
    for axis in stride(from: x.rank - 2, through: 0, by: -1) {
        steps[axis] = steps[axis + 1] * shape[axis + 1]
    }
    return Tensor(shape: shape, in: x.workspace) { output in
        output.initialize(repeating: 0)
        x.withUnsafeBuffer { input in
            guard let input = input.baseAddress, let output = output.baseAddress else { return }
            let length = x.lastAxis
            for row in 0..<x.count / length {
                var (offset, rest) = (before[x.rank - 1], row)
                for axis in (0..<x.rank - 1).reversed() {
                    offset += (before[axis] + rest % x.shape[axis]) * steps[axis]
                    rest /= x.shape[axis]
                }
                (output + offset).update(from: input + row * length, count: length)
            }
        }
    }
}
