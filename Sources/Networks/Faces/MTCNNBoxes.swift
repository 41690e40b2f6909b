/// An upright rectangle around a face, in pixels.
public struct FaceBox: Sendable, Equatable {
    /// x of the left side.
    public var left: Float
    /// y of the upper side.
    public var top: Float
    /// x of the right side.
    public var right: Float
    /// y of the lower side.
    public var bottom: Float

    /// A box from its four sides.
    public init(left: Float, top: Float, right: Float, bottom: Float) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    /// From left to right.
    public var width: Float { right - left }
    /// From top to bottom.
    public var height: Float { bottom - top }
    /// Width times height.
    public var area: Float { width * height }
    /// The middle, (x, y).
    public var center: SIMD2<Float> { SIMD2((left + right) / 2, (top + bottom) / 2) }
}

/// A whole-pixel part of an image: rows `top..<bottom`, columns `left..<right`.
package struct PixelRegion: Equatable {
    let top: Int
    let bottom: Int
    let left: Int
    let right: Int

    package init(top: Int, bottom: Int, left: Int, right: Int) {
        (self.top, self.bottom, self.left, self.right) = (top, bottom, left, right)
    }
}

// The rest of this file keeps the arithmetic of the MATLAB program with which the networks were trained, where
// pixels count from 1 and a side includes both its ends: hence each + 1 below.

extension FaceBox {
    /// The box moved by a network's regression, given in parts of the sides (left, top, right, bottom).
    ///
    /// - Parameter inclusion: 1 if a side counts both its end pixels (second and third network), 0 if not (first).
    func regressed(by offsets: SIMD4<Float>, inclusion: Float) -> FaceBox {
        let width = width + inclusion
        let height = height + inclusion
        return FaceBox(
            left: left + offsets.x * width, top: top + offsets.y * height,
            right: right + offsets.z * width, bottom: bottom + offsets.w * height)
    }

    /// The square with the same centre and the longer side.
    var squared: FaceBox {
        let side = max(width, height)
        let left = left + width * 0.5 - side * 0.5
        let top = top + height * 0.5 - side * 0.5
        return FaceBox(left: left, top: top, right: left + side, bottom: top + side)
    }

    /// The part of the box inside an image, or nil if no whole pixel is.
    func pixels(inWidth width: Int, height: Int) -> PixelRegion? {
        // Far beyond any image, and far inside what Int can hold; false for NaN too.
        guard [left, top, right, bottom].allSatisfy({ abs($0) < 1e6 }) else { return nil }
        let region = PixelRegion(
            top: max(Int(top), 1) - 1, bottom: min(Int(bottom), height),
            left: max(Int(left), 1) - 1, right: min(Int(right), width))
        return region.bottom > region.top && region.right > region.left ? region : nil
    }

    /// Common area divided by united area, sides without their last pixel.
    func overlap(with other: FaceBox) -> Float {
        let common =
            max(0, min(right, other.right) - max(left, other.left))
            * max(0, min(bottom, other.bottom) - max(top, other.top))
        return common / (area + other.area - common)
    }

    /// Common area divided by the smaller area, sides with their last pixel: 1 for a box inside another.
    package func overlapOfSmaller(with other: FaceBox) -> Float {
        let common =
            max(0, min(right, other.right) - max(left, other.left) + 1)
            * max(0, min(bottom, other.bottom) - max(top, other.top) + 1)
        let area = (width + 1) * (height + 1)
        let otherArea = (other.width + 1) * (other.height + 1)
        return common / min(area, otherArea)
    }
}

/// A box that one stage of the cascade hands to the next.
struct FaceCandidate {
    var box: FaceBox
    var score: Float
    /// The stage's correction of the box, in parts of its sides.
    var offsets: SIMD4<Float>
    /// The five points in parts of the box, x and y from 0 to 1; empty before the third stage.
    var landmarks: [SIMD2<Float>] = []
}

extension [FaceCandidate] {
    /// Non-maximum suppression: the best candidate drops all that overlap it by more than `threshold`, and so on.
    ///
    /// - Returns: the survivors, best first.
    func suppressed(above threshold: Float, by overlap: (FaceBox) -> (FaceBox) -> Float) -> [FaceCandidate] {
        var kept: [FaceCandidate] = []
        for candidate in sorted(by: { $0.score > $1.score }) {
            let overlapWithBox = overlap(candidate.box)
            if !kept.contains(where: { overlapWithBox($0.box) > threshold }) {
                kept.append(candidate)
            }
        }
        return kept
    }
}
