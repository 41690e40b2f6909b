import Imaging
import Networks

/// A head cut out of a portrait along its visible edges.
struct HeadCutout {
    /// How wide the way over is at its edge, in pixels of the portrait; what lies there is half background.
    private static let (rim, softness) = (1, 1.2)
    /// Hair that hangs out of the portrait ends softly, on its height's so manyth part.
    private static let fade = 12

    let portrait: Image
    /// Of its face, in the portrait's pixels.
    let outline: FaceOutline
    /// The five landmarks of its face.
    let landmarks: [Point]
    /// How much of each pixel is the head's.
    let mask: Mask

    init(of portrait: Image, face: DetectedFace, outline: FaceOutline, head: DrawnHead) {
        self.portrait = portrait
        self.outline = outline
        landmarks = face.points
        mask = head.outlined(in: portrait) { $0 }.head
            .eroded(radius: Self.rim).blurred(sigma: Self.softness).fadingDown(
                over: portrait.height / Self.fade)
    }
}

extension Mask {
    /// The mask with its lowest rows running out.
    fileprivate func fadingDown(over rows: Int) -> Mask {
        let faded = values.enumerated().map { pixel, value in
            value * min(1, Float(height - 1 - pixel / width) / Float(max(rows, 1)))
        }
        return Mask(width: width, height: height, values: faded)
    }
}
