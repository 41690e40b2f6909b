import Imaging

/// The square of a picture in which a hand or a face is looked for.
package struct PartBox: Sendable, Equatable {
    /// Its left column.
    package let x: Int
    /// Its upper row.
    package let y: Int
    /// Its side; a face's square may reach beyond the picture.
    package let side: Int

    /// Smaller parts show too little.
    private static let smallestSide = 20.0

    /// Cuts what lies above and to the left of the picture, and rounds; nil if it is too small.
    ///
    /// - Parameters:
    ///   - side: of the square.
    ///   - margin: the least of the square that must fit between its corner and the picture's far borders; where it
    ///     does not, the square ends at the border.
    fileprivate init?(
        x: Double, y: Double, side: Double, margin: Double, imageHeight: Int, imageWidth: Int
    ) {
        let (left, top) = (max(x, 0), max(y, 0))
        let width = left + margin > Double(imageWidth) ? Double(imageWidth) - left : side
        let height = top + margin > Double(imageHeight) ? Double(imageHeight) - top : side
        guard min(width, height) >= Self.smallestSide else { return nil }
        self.x = Int(left)
        self.y = Int(top)
        self.side = Int(min(width, height))
    }
}

extension BodyPose {
    /// Where the hands are by the arms: a third of the forearm beyond the wrist. First the left one, then the right one.
    ///
    /// The rule of OpenPose (src/openpose/hand/handDetector.cpp). An arm with a missing joint shows no hand.
    package func handBoxes(imageHeight: Int, imageWidth: Int) -> [PartBox] {
        let arms: [(Joint, Joint, Joint)] = [
            (.leftShoulder, .leftElbow, .leftWrist), (.rightShoulder, .rightElbow, .rightWrist),
        ]
        return arms.compactMap { arm in
            guard let shoulder = self[arm.0]?.position, let elbow = self[arm.1]?.position,
                let wrist = self[arm.2]?.position
            else { return nil }
            let (center, side) = (
                Point(x: wrist.x + 0.33 * (wrist.x - elbow.x), y: wrist.y + 0.33 * (wrist.y - elbow.y)),
                1.5 * max(wrist.distance(to: elbow), 0.9 * elbow.distance(to: shoulder))
            )
            return PartBox(
                x: center.x - side / 2, y: center.y - side / 2, side: side, margin: side,
                imageHeight: imageHeight, imageWidth: imageWidth)
        }
    }

    /// Where the face is: around the nose, three times as far as the farther eye or one and a half times as far as the
    /// farther ear.
    ///
    /// The rule of ControlNet's annotator.
    package func faceBox(imageHeight: Int, imageWidth: Int) -> PartBox? {
        guard let nose = self[.nose]?.position else { return nil }
        let reaches: [(Joint, Double)] = [(.rightEye, 3), (.leftEye, 3), (.rightEar, 1.5), (.leftEar, 1.5)]
        let reach = reaches.compactMap { joint, factor in
            self[joint].map { factor * max(abs(nose.x - $0.position.x), abs(nose.y - $0.position.y)) }
        }.max()
        guard let reach else { return nil }
        return PartBox(
            x: nose.x - reach, y: nose.y - reach, side: 2 * reach, margin: reach,
            imageHeight: imageHeight, imageWidth: imageWidth)
    }
}
