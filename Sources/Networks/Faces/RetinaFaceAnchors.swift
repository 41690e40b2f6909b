import Glibc

/// A square of the picture about which RetinaFace's network speaks, in parts of the picture's sides.
struct RetinaFaceAnchor {
    let center: SIMD2<Float>
    let size: SIMD2<Float>

    /// Positions are this many pixels apart, scale by scale.
    private static let steps = [8, 16, 32]
    /// Sides of the two anchors of each position, in pixels.
    private static let sides: [[Float]] = [[16, 32], [64, 128], [256, 512]]
    /// How the network's numbers are scaled: shifts by a tenth, sizes by a fifth.
    private static let centerVariance: Float = 0.1
    private static let sizeVariance: Float = 0.2

    /// All anchors of a picture, in the order of the network's output.
    static func all(height: Int, width: Int) -> [RetinaFaceAnchor] {
        let picture = SIMD2(Float(width), Float(height))
        return zip(steps, sides).flatMap { step, sides in
            let (rows, columns) = ((height + step - 1) / step, (width + step - 1) / step)
            return (0..<rows).flatMap { row in
                (0..<columns).flatMap { column in
                    let center = (SIMD2(Float(column), Float(row)) + 0.5) * Float(step) / picture
                    return sides.map {
                        RetinaFaceAnchor(center: center, size: SIMD2(repeating: $0) / picture)
                    }
                }
            }
        }
    }

    /// The point that the network sees, in parts of the picture's sides.
    func point(_ offset: SIMD2<Float>) -> SIMD2<Float> {
        center + offset * Self.centerVariance * size
    }

    /// The box that the network sees: its centre and size, in parts of the picture's sides.
    func box(
        centerOffset: SIMD2<Float>, sizeOffset: SIMD2<Float>
    ) -> (center: SIMD2<Float>, size: SIMD2<Float>) {
        let growth = sizeOffset * Self.sizeVariance
        return (point(centerOffset), size * SIMD2(exp(growth.x), exp(growth.y)))
    }
}
