import Tensors
import Weights

/// The face detector RetinaFace: one network that finds faces of all sizes in one look.
///
/// Weights: ModelScope's `damo/cv_resnet50_face-detection_retinaface`, facexlib's `detection_Resnet50_Final.pth` and
/// `detection_mobilenet0.25_Final.pth`. Thresholds and limits are those of ModelScope's detector.
public struct RetinaFace: Sendable {
    /// Less sure faces are dropped.
    private static let scoreThreshold: Float = 0.9
    /// A face that overlaps a surer one by more than this is the same face.
    private static let overlapThreshold: Float = 0.4
    /// Candidates that are compared with each other at most, surest first.
    private static let candidateLimit = 5000
    /// Pictures with a longer side are searched at `reducedSide`.
    private static let longestSide = 1500
    private static let reducedSide = 1000.0

    private let network: RetinaFaceNetwork

    /// - Parameter scope: the root of a RetinaFace file; see ``RetinaFaceNetwork`` for what it may hold.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    public init(_ scope: WeightScope) throws {
        network = try RetinaFaceNetwork(scope)
    }

    /// Finds the faces in a picture.
    ///
    /// - Parameter image: RGB [1, height, width, 3], 0 to 255.
    /// - Returns: the faces, surest first, in pixels of the picture. Boxes and landmarks may reach beyond it.
    /// - Throws: `CancellationError` if the image's workspace was cancelled.
    public func faces(in image: Tensor) throws -> [DetectedFace] {
        precondition(
            image.shape.count == 4 && image.shape[0] == 1 && image.shape[3] == 3,
            "RetinaFace wants one RGB image [1, height, width, 3], not \(image.shape)")
        let (height, width) = (image.shape[1], image.shape[2])
        let searched = Self.reduced(image)
        return Self.faces(
            in: try network(searched), searchedHeight: searched.shape[1], searchedWidth: searched.shape[2],
            height: height, width: width)
    }

    private static func reduced(_ image: Tensor) -> Tensor {
        let (height, width) = (image.shape[1], image.shape[2])
        guard max(height, width) > longestSide else { return image }
        let scale = reducedSide / Double(max(height, width))
        return areaResampled(
            image, [PixelRegion(top: 0, bottom: height, left: 0, right: width)],
            height: max(1, Int((Double(height) * scale).rounded())),
            width: max(1, Int((Double(width) * scale).rounded())))
    }

    /// The faces that the network's output describes.
    ///
    /// - Parameters:
    ///   - searchedHeight: of the picture that the network saw.
    ///   - searchedWidth: of the picture that the network saw.
    ///   - height: of the picture in whose pixels faces are given.
    ///   - width: of the picture in whose pixels faces are given.
    package static func faces(
        in output: RetinaFaceNetwork.Output, searchedHeight: Int, searchedWidth: Int, height: Int, width: Int
    ) -> [DetectedFace] {
        let anchors = RetinaFaceAnchor.all(height: searchedHeight, width: searchedWidth)
        let probabilities = output.probabilities.values
        precondition(anchors.count * 2 == probabilities.count, "each anchor needs one answer")
        let (boxes, landmarks) = (output.boxes.values, output.landmarks.values)
        let picture = SIMD2(Float(width), Float(height))
        let candidates = anchors.enumerated().compactMap { index, anchor -> FaceCandidate? in
            let score = probabilities[2 * index + 1]
            guard score > scoreThreshold else { return nil }
            let offsets = SIMD4(boxes[4 * index..<4 * index + 4])
            let box = anchor.box(centerOffset: offsets.lowHalf, sizeOffset: offsets.highHalf)
            let corner = (box.center - box.size / 2) * picture
            let opposite = corner + box.size * picture
            return FaceCandidate(
                box: FaceBox(left: corner.x, top: corner.y, right: opposite.x, bottom: opposite.y),
                score: score, offsets: offsets,
                landmarks: (0..<5).map { point in
                    let start = 10 * index + 2 * point
                    return anchor.point(SIMD2(landmarks[start], landmarks[start + 1])) * picture
                })
        }
        return candidates.sorted { $0.score > $1.score }.prefix(candidateLimit).map { $0 }
            .suppressed(above: overlapThreshold, by: FaceBox.overlapWithEnds)
            .map { DetectedFace(box: $0.box, score: $0.score, landmarks: $0.landmarks) }
    }
}

extension FaceBox {
    /// Common area divided by united area, sides with their last pixel.
    fileprivate func overlapWithEnds(with other: FaceBox) -> Float {
        func side(_ start: Float, _ end: Float) -> Float { max(0, end - start + 1) }
        let common =
            side(max(left, other.left), min(right, other.right))
            * side(max(top, other.top), min(bottom, other.bottom))
        let areas =
            side(left, right) * side(top, bottom)
            + side(other.left, other.right) * side(other.top, other.bottom)
        return common / (areas - common)
    }
}
