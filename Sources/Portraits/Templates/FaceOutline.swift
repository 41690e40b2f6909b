import Foundation
import Imaging
import Networks

/// The outline of a face, from the middle of the forehead to the chin: what of a template is drawn anew.
///
/// Estimated from five points. On the ArcFace template an average face is an ellipse around (56, 66) with half axes of
/// 38 and 50 pixels: forehead to chin is 2.46 times the way from eyes to mouth, and the widest place a little below
/// the eyes (proportions of Farkas, "Anthropometry of the Head and Face", 1994: face width to height about 0.75).
struct FaceOutline {
    private static let center = Point(x: 56, y: 67)
    private static let halfWidth = 38.0
    private static let halfHeight = 50.0
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
