import Imaging
import Tensors

/// From a picture of a face to the face network's input, and from its maps to 70 points.
///
/// Sizes and thresholds are those of `Face` in controlnet_aux 0.0.10. The public code also draws the brightest place of
/// the last map, which says where no point is; here it is left out.
package enum FacePointSearch {
    private static let inputSide = 384
    private static let pointCount = 70
    /// Weaker points count as not found.
    private static let threshold: Float = 0.05

    /// - Parameter image: red, green, blue in 0...255, [1, height, width, 3].
    package static func input(for image: Tensor) -> PoseInput {
        PoseInput(image, height: inputSide, width: inputSide)
    }

    /// The points of the face, in pixels of its picture; none if the network found none.
    ///
    /// - Parameters:
    ///   - maps: what the network gave, [1, rows, columns, 71].
    ///   - height: of the face's picture.
    ///   - width: of the face's picture.
    package static func points(in maps: Tensor, height: Int, width: Int) -> [Keypoint?] {
        let (rows, columns) = (
            InterpolationStep.all(input: maps.shape[1], output: height),
            InterpolationStep.all(input: maps.shape[2], output: width)
        )
        let points = maps.withUnsafeBuffer { values in
            (0..<pointCount).map { channel in
                brightest(rows, columns) { row, column in
                    values[(row * maps.shape[2] + column) * maps.shape[3] + channel]
                }
            }
        }
        return points.contains { $0 != nil } ? points : []
    }

    /// The maximum of a map that is enlarged by linear interpolation.
    private static func brightest(
        _ rows: [InterpolationStep], _ columns: [InterpolationStep],
        _ value: (_ row: Int, _ column: Int) -> Float
    ) -> Keypoint? {
        var best: (score: Float, x: Int, y: Int) = (threshold, 0, 0)
        for (y, row) in rows.enumerated() {
            for (x, column) in columns.enumerated() {
                func across(_ row: Int) -> Float {
                    (1 - column.share) * value(row, column.first) + column.share * value(row, column.second)
                }
                let score = (1 - row.share) * across(row.first) + row.share * across(row.second)
                if score > best.score { best = (score, x, y) }
            }
        }
        // The first row and column count as lost.
        guard best.x > 0, best.y > 0 else { return nil }
        return Keypoint(
            position: Point(x: Double(best.x), y: Double(best.y)), confidence: min(best.score, 1))
    }
}

/// The two samples between which an interpolated one lies.
private struct InterpolationStep {
    let first: Int
    let second: Int
    /// How much of the second one.
    let share: Float

    /// First and last samples stay in place, as with `align_corners` in PyTorch.
    static func all(input: Int, output: Int) -> [InterpolationStep] {
        let step = output > 1 ? Float(input - 1) / Float(output - 1) : 0
        return (0..<output).map { position in
            let place = step * Float(position)
            let first = min(Int(place), input - 1)
            return InterpolationStep(
                first: first, second: min(first + 1, input - 1), share: place - Float(first))
        }
    }
}
