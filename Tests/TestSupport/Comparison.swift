import Tensors
import Testing

/// Expects every element to satisfy |actual − expected| ≤ absolute + relative · |expected|.
///
/// NaN and infinity fail wherever they are. The failure names the worst element and counts the others.
public func expectClose(
    _ actual: Tensor, _ expected: Tensor, absolute: Float, relative: Float,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.shape == expected.shape else {
        Issue.record("shape \(actual.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    let comparison = Comparison(actual.values, expected.values) { absolute + relative * abs($0) }
    comparison.record(shape: actual.shape, sourceLocation: sourceLocation)
}

/// Expects every element to satisfy |actual − expected| ≤ absolute + relative · |expected|.
public func expectClose(
    _ actual: [Float], _ expected: [Float], absolute: Float, relative: Float,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.count == expected.count else {
        Issue.record("\(actual.count) elements, expected \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    let comparison = Comparison(actual, expected) { absolute + relative * abs($0) }
    comparison.record(shape: [actual.count], sourceLocation: sourceLocation)
}

/// Expects max |actual − expected| ≤ maxError · max |expected|: the error of a whole layer, as a share of its range.
public func expectRelative(
    _ actual: Tensor, _ expected: Tensor, maxError: Float, sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.shape == expected.shape else {
        Issue.record("shape \(actual.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    let largest = expected.values.reduce(Float(0)) { max($0, abs($1)) }
    let comparison = Comparison(actual.values, expected.values) { _ in maxError * largest }
    comparison.record(shape: actual.shape, sourceLocation: sourceLocation)
}

/// The outcome of comparing two arrays, element by element, each with its own allowance.
public struct Comparison {
    /// How many elements are outside their allowance.
    public private(set) var failureCount = 0
    /// The element that exceeds its allowance the most.
    public private(set) var worst: (index: Int, actual: Float, expected: Float, excess: Float)?

    private let count: Int

    /// Compares arrays of the same length.
    public init(_ actual: [Float], _ expected: [Float], allowance: (_ expected: Float) -> Float) {
        count = actual.count
        for (index, (actual, expected)) in zip(actual, expected).enumerated() {
            let difference = abs(actual - expected)
            let allowed = allowance(expected)
            // Stated so that NaN, which compares false with everything, fails; two equal infinities give NaN.
            if difference <= allowed, actual.isFinite { continue }
            failureCount += 1
            let excess = difference.isFinite ? difference / max(allowed, .leastNonzeroMagnitude) : .infinity
            if excess > worst?.excess ?? 0 {
                worst = (index, actual, expected, excess)
            }
        }
    }

    fileprivate func record(shape: [Int], sourceLocation: SourceLocation) {
        guard let worst else { return }
        var index = worst.index
        var position: [Int] = []
        for axis in shape.reversed() {
            position.insert(index % axis, at: 0)
            index /= axis
        }
        Issue.record(
            """
            \(failureCount) of \(count) elements differ; the worst is \(position): \
            \(worst.actual), expected \(worst.expected) (\(worst.excess) times the allowance)
            """,
            sourceLocation: sourceLocation)
    }
}
