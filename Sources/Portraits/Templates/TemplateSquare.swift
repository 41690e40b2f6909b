import Foundation
import Imaging
import Networks

/// The square around a face that is redrawn, and how its pixels and the template's belong together.
struct TemplateSquare {
    /// The template's column and row of the square's top left pixel; may lie outside of the picture.
    let x: Int
    let y: Int
    /// Pixels of the template on a side.
    let side: Int
    /// Pixels on a side as the model paints it.
    private(set) var paintedSide: Int

    /// The square in whose middle a face takes up `share` of the side (FACT.md's reference: 0.7).
    init(around box: FaceBox, share: Double, paintedSide: Int) {
        self.init(
            middle: Point(x: Double(box.center.x), y: Double(box.center.y)),
            side: Double(max(box.width, box.height)) / share, paintedSide: paintedSide)
    }

    /// The square around the middle between eyes and mouth.
    ///
    /// - Parameters:
    ///   - landmarks: both eyes, nose, both corners of the mouth.
    ///   - surroundings: its side, in parts of the larger of the distances between the eyes and from eyes to mouth.
    init(around landmarks: [Point], surroundings: Double, paintedSide: Int) {
        func middle(_ first: Point, _ second: Point) -> Point {
            Point(x: (first.x + second.x) / 2, y: (first.y + second.y) / 2)
        }
        let (eyes, mouth) = (middle(landmarks[0], landmarks[1]), middle(landmarks[3], landmarks[4]))
        let size = max(landmarks[0].distance(to: landmarks[1]), eyes.distance(to: mouth))
        self.init(middle: middle(eyes, mouth), side: surroundings * size, paintedSide: paintedSide)
    }

    private init(middle: Point, side: Double, paintedSide: Int) {
        let side = max(8, Int(side.rounded()))
        x = Int((middle.x - Double(side) / 2 + 0.5).rounded())
        y = Int((middle.y - Double(side) / 2 + 0.5).rounded())
        self.side = side
        self.paintedSide = paintedSide
    }

    /// The same square with another number of pixels.
    func painted(at paintedSide: Int) -> TemplateSquare {
        var square = self
        square.paintedSide = paintedSide
        return square
    }

    /// The template's part as the model sees it: other people's faces black, so that it draws one person only.
    ///
    /// - Parameter others: where their faces are seen, masks of `side` pixels.
    func painted(from image: Image, hiding others: [Mask]) -> Image {
        let part = part(of: image)
        let black = Image(width: side, height: side, channels: .rgb, filledWith: [0, 0, 0])
        return others.reduce(part) { black.blended(over: $0, mask: $1) }
            .resized(width: paintedSide, height: paintedSide, filter: side < paintedSide ? .bicubic : .area)
    }

    /// The template with a painted square laid over it where the mask says; all other bytes stay.
    ///
    /// - Parameter mask: of `side` pixels.
    func replaced(in image: Image, by painted: Image, mask: Mask) -> Image {
        let fitted = painted.resized(width: side, height: side, filter: side > paintedSide ? .bicubic : .area)
        return image.overlaid(with: fitted.blended(over: part(of: image), mask: mask), x: x, y: y)
    }

    /// A point of the template in pixels of the painted square.
    func painted(_ point: Point) -> Point { scaled(point, to: paintedSide) }

    /// A point of the painted square in pixels of the template.
    func template(_ point: Point) -> Point {
        let scale = Double(side) / Double(paintedSide)
        return Point(
            x: (point.x + 0.5) * scale - 0.5 + Double(x), y: (point.y + 0.5) * scale - 0.5 + Double(y))
    }

    /// A polygon of the template as a mask of `side` pixels, or of `paintedSide`.
    func mask(of polygon: [Point], side size: Int) -> Mask {
        Mask(width: size, height: size, polygon: polygon.map { scaled($0, to: size) })
    }

    /// 1 where the painted square lies outside of a picture.
    func beyond(_ image: Image) -> Mask {
        Mask(width: paintedSide, height: paintedSide) {
            let place = template($0)
            let isInside =
                (-0.5...Double(image.width) - 0.5).contains(place.x)
                && (-0.5...Double(image.height) - 0.5).contains(place.y)
            return isInside ? 0 : 1
        }
    }

    /// The rows of a picture that the square covers.
    func rows(of image: Image) -> Range<Int> { (y..<y + side).clamped(to: 0..<image.height) }

    /// The columns of a picture that the square covers.
    func columns(of image: Image) -> Range<Int> { (x..<x + side).clamped(to: 0..<image.width) }

    private func part(of image: Image) -> Image { image.cropped(x: x, y: y, width: side, height: side) }

    private func scaled(_ point: Point, to size: Int) -> Point {
        let scale = Double(size) / Double(side)
        return Point(
            x: (point.x + 0.5 - Double(x)) * scale - 0.5, y: (point.y + 0.5 - Double(y)) * scale - 0.5)
    }
}
