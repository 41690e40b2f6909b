import Imaging
import Tensors
import Weights

/// OpenPose: the joints of all people in a picture, and the points of their hands and faces.
///
/// Cao, Hidalgo, Simon, Wei, Sheikh: "OpenPose: Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields", IEEE
/// Transactions on Pattern Analysis and Machine Intelligence 43(1), 2021, arXiv:1812.08008. What it finds is what
/// ControlNet's pose model was trained on: that of the annotator in controlnet_aux 0.0.10.
public struct OpenPose: Sendable {
    /// The maps of a picture hold 57 numbers for each of its pixels.
    private static let longestSide = 1024

    private let body: BodyPoseNetwork
    private let hand: KeypointCascade?
    private let face: KeypointCascade?

    /// - Parameters:
    ///   - body: the weights of `body_pose_model.pth`.
    ///   - hand: the weights of `hand_pose_model.pth`; without them no hands are looked for.
    ///   - face: the weights of `facenet.pth`; without them no points of faces are looked for.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    public init(body: WeightScope, hand: WeightScope?, face: WeightScope?) throws {
        self.body = try BodyPoseNetwork(body)
        self.hand = try hand.map(KeypointCascade.init(hand:))
        self.face = try face.map(KeypointCascade.init(face:))
    }

    /// Finds the people in a picture.
    ///
    /// A picture with a side of more than 1024 pixels is searched at that size. (The annotator looks at pictures of about
    /// 512 pixels.)
    ///
    /// - Parameter image: RGB [1, height, width, 3], 0 to 255.
    /// - Returns: their poses in pixels of the picture; none if it is a strip more than 16 times as long as high.
    /// - Throws: `CancellationError` if the image's workspace was cancelled.
    public func poses(in image: Tensor) throws -> [BodyPose] {
        precondition(
            image.shape.count == 4 && image.shape[0] == 1 && image.shape[3] == 3,
            "OpenPose wants one RGB image [1, height, width, 3], not \(image.shape)")
        guard max(image.shape[1], image.shape[2]) > Self.longestSide else { return try found(in: image) }
        let scale = Double(Self.longestSide) / Double(max(image.shape[1], image.shape[2]))
        func reduced(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
        let smaller = poseResized(
            image, height: reduced(image.shape[1]), width: reduced(image.shape[2]))
        return try found(in: smaller).map { pose in
            pose.scaled(
                x: Double(image.shape[2]) / Double(smaller.shape[2]),
                y: Double(image.shape[1]) / Double(smaller.shape[1]))
        }
    }

    private func found(in image: Tensor) throws -> [BodyPose] {
        let (height, width) = (image.shape[1], image.shape[2])
        guard width <= BodySearch.longestAspect * height else { return [] }
        let input = BodySearch.input(for: image)
        let poses = BodySearch.poses(in: try body(input.tensor), of: input, height: height, width: width)
        return try poses.map { pose in
            BodyPose(
                points: pose.points, hands: try hands(of: pose, in: image),
                face: try face(of: pose, in: image))
        }
    }

    private func hands(of pose: BodyPose, in image: Tensor) throws -> [[Keypoint?]] {
        guard let hand else { return [] }
        let boxes = pose.handBoxes(imageHeight: image.shape[1], imageWidth: image.shape[2])
        return try boxes.compactMap { box in
            let picture = cropped(image, to: box)
            let maps = try HandSearch.inputs(for: picture).map { (input: $0, maps: try hand($0.tensor)) }
            let points = HandSearch.points(in: maps, height: picture.shape[1], width: picture.shape[2])
            return points.contains { $0 != nil } ? moved(points, by: box) : nil
        }
    }

    private func face(of pose: BodyPose, in image: Tensor) throws -> [Keypoint?] {
        guard let face, let box = pose.faceBox(imageHeight: image.shape[1], imageWidth: image.shape[2])
        else { return [] }
        let picture = cropped(image, to: box)
        let maps = try face(FacePointSearch.input(for: picture).tensor)
        return moved(
            FacePointSearch.points(in: maps, height: picture.shape[1], width: picture.shape[2]), by: box)
    }

    /// The part of a box that the picture shows.
    private func cropped(_ image: Tensor, to box: PartBox) -> Tensor {
        Networks.cropped(
            image, x: box.x, y: box.y, height: min(box.side, image.shape[1] - box.y),
            width: min(box.side, image.shape[2] - box.x))
    }

    /// Points of a box's picture in pixels of the whole picture.
    private func moved(_ points: [Keypoint?], by box: PartBox) -> [Keypoint?] {
        points.map { point in
            point.map {
                let position = Point(x: $0.position.x + Double(box.x), y: $0.position.y + Double(box.y))
                return Keypoint(position: position, confidence: $0.confidence)
            }
        }
    }
}

extension BodyPose {
    /// The pose in a picture whose pixels are so many times smaller.
    fileprivate func scaled(x: Double, y: Double) -> BodyPose {
        func scaled(_ points: [Keypoint?]) -> [Keypoint?] {
            points.map { point in
                point.map {
                    // Whole numbers are pixel centres.
                    let position = Point(
                        x: ($0.position.x + 0.5) * x - 0.5, y: ($0.position.y + 0.5) * y - 0.5)
                    return Keypoint(position: position, confidence: $0.confidence)
                }
            }
        }
        return BodyPose(points: scaled(points), hands: hands.map(scaled), face: scaled(face))
    }
}
