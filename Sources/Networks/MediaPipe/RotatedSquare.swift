import Foundation
import Imaging
import Tensors

/// A square part of a picture, turned so that what is in it stands upright.
struct RotatedSquare: Sendable {
    /// In pixels; whole numbers are pixel centres.
    let center: Point
    /// In pixels.
    let side: Double
    /// From the picture's x axis to the square's, clockwise, in radians.
    let angle: Double

    /// The pixel of the picture at a position in the square, both coordinates from 0 to 1.
    func pixel(_ x: Double, _ y: Double) -> Point {
        let (right, down) = ((x - 0.5) * side, (y - 0.5) * side)
        return Point(
            x: center.x + right * cos(angle) - down * sin(angle),
            y: center.y + right * sin(angle) + down * cos(angle))
    }

    /// Whether a network can look at it: a finite square of a size that pictures have, which holds a pixel.
    var isUsable: Bool {
        [center.x, center.y, side, angle].allSatisfy(\.isFinite) && side >= 1 && side < 1e5
            && max(abs(center.x), abs(center.y)) < 1e5
    }

    /// The square as a network's input [1, pixels, pixels, 3] of 0…1; black outside the picture.
    ///
    /// Samples are bilinear. A square of much more than `pixels` pixels is shrunk first, so that none is skipped.
    ///
    /// - Precondition: it is usable.
    func tensor(of image: Image, pixels: Int, in workspace: Workspace) -> Tensor {
        precondition(isUsable, "no network can look at a square of side \(side)")
        let (part, origin, scale) = shrunkSurroundings(in: image, by: side / Double(pixels))
        // From the centre of the result's first pixel on, in steps of one pixel of the result.
        let step = side / Double(pixels) * scale
        let first = pixel(0.5 / Double(pixels), 0.5 / Double(pixels))
        let transform = SimilarityTransform(
            a: step * cos(angle), b: step * sin(angle), tx: (first.x - origin.x + 0.5) * scale - 0.5,
            ty: (first.y - origin.y + 0.5) * scale - 0.5)
        let values = part.sampled(through: transform, width: pixels, height: pixels)
        return Tensor(values.map { $0 / 255 }, shape: [1, pixels, pixels, 3], in: workspace)
    }

    /// The part of the picture around the square, shrunk by `ratio` if that is much more than 1.
    private func shrunkSurroundings(in image: Image, by ratio: Double) -> (
        Image, origin: Point, scale: Double
    ) {
        let opaque = image.flattened(onto: [0, 0, 0])
        let reach = side / 2 * (abs(cos(angle)) + abs(sin(angle))) + 2
        func range(_ center: Double, _ length: Int) -> Range<Int> {
            let first = min(max(0, Int(center - reach)), length)
            return first..<max(first, min(length, Int(center + reach) + 1))
        }
        let (columns, rows) = (range(center.x, image.width), range(center.y, image.height))
        guard ratio > 1.5, !columns.isEmpty, !rows.isEmpty else { return (opaque, Point(x: 0, y: 0), 1) }
        let part = opaque.cropped(
            x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
        let width = max(1, Int((Double(columns.count) / ratio).rounded()))
        let scale = Double(width) / Double(columns.count)
        let height = max(1, Int((Double(rows.count) * scale).rounded()))
        return (
            part.resized(width: width, height: height, filter: .bilinear),
            Point(x: Double(columns.lowerBound), y: Double(rows.lowerBound)), scale
        )
    }
}
