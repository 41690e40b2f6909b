import Glibc

extension Image {
    /// OpenPose's coloured drawing of people on black, as ControlNet's pose model wants it.
    ///
    /// Limbs, joints, hands and faces in the colours, sizes and order of controlnet_aux 0.0.10 (`draw_poses`), pixel
    /// for pixel. Points that are not finite, or farther than 16,384 pixels from the corner, count as not found.
    ///
    /// - Parameters:
    ///   - poses: in pixels of the drawing; later ones cover earlier ones.
    ///   - width: of the drawing.
    ///   - height: of the drawing.
    public init(skeletonsOf poses: [BodyPose], width: Int, height: Int) {
        var drawing = SkeletonDrawing(width: width, height: height)
        for pose in poses {
            drawing.drawBody(pose)
            for hand in pose.hands { drawing.drawHand(hand) }
            drawing.drawFace(pose.face)
        }
        self.init(width: width, height: height, channels: .rgb, pixels: drawing.canvas.pixels)
    }
}

/// Draws one part of a person after the other.
private struct SkeletonDrawing {
    private static let stickWidth = 4
    private static let jointRadius = 4
    private static let facePointRadius = 3
    private static let fingerThickness = 2
    /// Limbs are darker than joints.
    private static let limbBrightness = 0.6

    private(set) var canvas: Canvas

    init(width: Int, height: Int) {
        canvas = Canvas(width: width, height: height)
    }

    /// Limbs as slim ellipses, then joints as circles.
    mutating func drawBody(_ pose: BodyPose) {
        let joints = pose.points.map { $0.flatMap(bodyPoint) }
        for (limb, color) in zip(Self.limbs, Self.bodyColors) {
            guard let start = joints[limb.0.rawValue], let end = joints[limb.1.rawValue] else { continue }
            let dimmed = SIMD3<Double>(color) * Self.limbBrightness
            canvas.fillConvexPolygon(Self.stick(from: start, to: end), SIMD3<UInt8>(dimmed))
        }
        for (joint, color) in zip(joints, Self.bodyColors) {
            guard let joint else { continue }
            canvas.fillCircle(center: Self.pixel(joint), radius: Self.jointRadius, color)
        }
    }

    /// Bones as lines in the colours of the rainbow, then joints as blue circles.
    mutating func drawHand(_ hand: [Keypoint?]) {
        let joints = hand.map { $0.flatMap(visiblePixel) }
        for (bone, color) in zip(Self.bones, Self.boneColors) where joints.indices.contains(bone.1) {
            guard let start = joints[bone.0], let end = joints[bone.1] else { continue }
            canvas.strokeLine(Segment(start: start, end: end), thickness: Self.fingerThickness, color)
        }
        for case let joint? in joints {
            canvas.fillCircle(center: joint, radius: Self.jointRadius, SIMD3(0, 0, 255))
        }
    }

    /// White circles.
    mutating func drawFace(_ face: [Keypoint?]) {
        for case let point? in face.map({ $0.flatMap(visiblePixel) }) {
            canvas.fillCircle(center: point, radius: Self.facePointRadius, SIMD3(255, 255, 255))
        }
    }

    /// An ellipse that reaches from joint to joint.
    private static func stick(from start: Point, to end: Point) -> [GridPoint] {
        let (deltaX, deltaY) = (start.x - end.x, start.y - end.y)
        let length = (deltaX * deltaX + deltaY * deltaY).squareRoot()
        let middle = Point(x: (start.x + end.x) / 2, y: (start.y + end.y) / 2)
        return Canvas.ellipse(
            center: pixel(middle), axes: (Int(length / 2), stickWidth),
            angle: Int(atan2(deltaY, deltaX) * (180 / .pi)))
    }
}

// The public code keeps points as parts of the picture's sides, those of bodies in double precision, those of hands and
// faces in single. On the way there and back a whole number may come out just below itself, and is then cut to the pixel
// before.
extension SkeletonDrawing {
    private func bodyPoint(_ point: Keypoint) -> Point? {
        let (x, y) = (point.position.x, point.position.y)
        let reach = Double(Canvas.reach)
        guard abs(x) <= reach, abs(y) <= reach else { return nil }
        let (width, height) = (Double(canvas.width), Double(canvas.height))
        return Point(x: x / width * width, y: y / height * height)
    }

    /// The pixel of a point of a hand or face, unless it lies in the first row or column, as lost points did once.
    private func visiblePixel(_ point: Keypoint) -> GridPoint? {
        let (x, y) = (Float(point.position.x), Float(point.position.y))
        let reach = Float(Canvas.reach)
        guard abs(x) <= reach, abs(y) <= reach else { return nil }
        let (width, height) = (Float(canvas.width), Float(canvas.height))
        let pixel = GridPoint(x: Int(x / width * width), y: Int(y / height * height))
        return pixel.x > 0 && pixel.y > 0 ? pixel : nil
    }

    private static func pixel(_ point: Point) -> GridPoint {
        GridPoint(x: Int(point.x), y: Int(point.y))
    }
}

extension SkeletonDrawing {
    /// What is joined, in the order of drawing.
    private static let limbs: [(BodyPose.Joint, BodyPose.Joint)] = [
        (.neck, .rightShoulder), (.neck, .leftShoulder),
        (.rightShoulder, .rightElbow), (.rightElbow, .rightWrist),
        (.leftShoulder, .leftElbow), (.leftElbow, .leftWrist),
        (.neck, .rightHip), (.rightHip, .rightKnee), (.rightKnee, .rightAnkle),
        (.neck, .leftHip), (.leftHip, .leftKnee), (.leftKnee, .leftAnkle),
        (.neck, .nose), (.nose, .rightEye), (.rightEye, .rightEar), (.nose, .leftEye), (.leftEye, .leftEar),
    ]

    /// The colours of the joints; limb by limb also those of the limbs.
    private static let bodyColors: [SIMD3<UInt8>] = [
        SIMD3(255, 0, 0), SIMD3(255, 85, 0), SIMD3(255, 170, 0), SIMD3(255, 255, 0), SIMD3(170, 255, 0),
        SIMD3(85, 255, 0), SIMD3(0, 255, 0), SIMD3(0, 255, 85), SIMD3(0, 255, 170), SIMD3(0, 255, 255),
        SIMD3(0, 170, 255), SIMD3(0, 85, 255), SIMD3(0, 0, 255), SIMD3(85, 0, 255), SIMD3(170, 0, 255),
        SIMD3(255, 0, 255), SIMD3(255, 0, 170), SIMD3(255, 0, 85),
    ]

    /// Each finger from the wrist outwards, from thumb to little finger.
    private static let bones: [(Int, Int)] = (0..<5).flatMap { finger in
        (1...4).map { joint in (joint == 1 ? 0 : 4 * finger + joint - 1, 4 * finger + joint) }
    }

    /// Full colours whose hue goes once round the circle.
    private static let boneColors: [SIMD3<UInt8>] = (0..<20).map { bone in
        let hue = Double(bone) / 20 * 6
        let sector = Int(hue)
        // Whether a tie like 25.5 is rounded up or down is decided by these very operations.
        let fraction = hue - Double(sector)
        let (rising, falling) = (1 - (1 - fraction), 1 - fraction)
        let color: SIMD3<Double> =
            switch sector {
            case 0: SIMD3(1, rising, 0)
            case 1: SIMD3(falling, 1, 0)
            case 2: SIMD3(0, 1, rising)
            case 3: SIMD3(0, falling, 1)
            case 4: SIMD3(rising, 0, 1)
            default: SIMD3(1, 0, falling)
            }
        return SIMD3<UInt8>((color * 255).rounded(.toNearestOrEven))
    }
}
