import Foundation
import Imaging
import Networks

/// The outline of a face, from a little above the brows to the chin: what of a template is drawn anew.
///
/// Estimated from five points as an ellipse on the ArcFace template. It is 2.2 times as high as the way from eyes to
/// mouth and as wide as the temples (proportions of Farkas, "Anthropometry of the Head and Face", 1994); the upper
/// forehead is left out, because fringes hang there.
struct FaceOutline {
    private static let center = Point(x: 56, y: 73)
    private static let halfWidth = 40.0
    private static let halfHeight = 45.0
    private static let cornerCount = 48

    /// Corners of the outline, in the pixels in which the face was found.
    let polygon: [Point]

    /// - Throws: `ImagingError.degenerateLandmarks`.
    init(of face: DetectedFace) throws {
        let placed = try SimilarityTransform(from: FaceAlignment.template, to: face.points)
        polygon = (0..<Self.cornerCount).map { corner in
            let angle = 2 * Double.pi * Double(corner) / Double(Self.cornerCount)
            return placed(
                Point(
                    x: Self.center.x + Self.halfWidth * cos(angle),
                    y: Self.center.y + Self.halfHeight * sin(angle)))
        }
    }
}
