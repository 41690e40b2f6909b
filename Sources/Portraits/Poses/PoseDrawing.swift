import Imaging

/// Draws skeletons as a model's ControlNets know them.
struct PoseDrawing {
    /// OpenPose's sticks and circles have sizes that belong to pictures of this many pixels.
    static let side = 512

    /// The size of picture that the model was made for. A model of small pictures sees the drawing of a large one,
    /// shrunken, so that its sticks are as thick as those it was trained with.
    let modelSide: Int

    /// OpenPose's drawing of a picture's people, letterboxed to `width` × `height` pixels.
    func skeleton(of poses: [BodyPose], in picture: Image, width: Int, height: Int) -> Image {
        let enlargement = max(1, Self.side / modelSide)
        return Self.drawing(of: poses, in: picture, width: width * enlargement, height: height * enlargement)
            .resized(width: width, height: height, filter: .area)
    }

    /// The same in the size whose sticks are the usual ones: the picture's shape, its shorter side `side` pixels.
    static func skeleton(of poses: [BodyPose], in picture: Image) -> Image {
        let scale = Double(side) / Double(min(picture.width, picture.height))
        func scaled(_ length: Int) -> Int { Int((Double(length) * scale).rounded()) }
        return drawing(
            of: poses, in: picture, width: scaled(picture.width), height: scaled(picture.height))
    }

    private static func drawing(of poses: [BodyPose], in picture: Image, width: Int, height: Int) -> Image {
        let letterbox = Letterbox(of: picture, width: width, height: height)
        return Image(skeletonsOf: poses.map(letterbox.pose), width: width, height: height)
    }
}
