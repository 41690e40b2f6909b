/// A point in pixels; whole numbers are pixel centres.
public struct Point: Sendable, Equatable {
    /// To the right.
    public var x: Double
    /// Downwards.
    public var y: Double

    /// Makes a point.
    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    /// The length of the straight way to another point.
    public func distance(to other: Point) -> Double {
        ((x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)).squareRoot()
    }
}

/// A rotation, a uniform scale and a shift: (x, y) ↦ (a x − b y + tx, b x + a y + ty).
public struct SimilarityTransform: Sendable, Equatable {
    /// Scale times cosine.
    public let a: Double
    /// Scale times sine.
    public let b: Double
    /// Shift to the right.
    public let tx: Double
    /// Shift downwards.
    public let ty: Double

    /// Where the transform takes `point`.
    public func callAsFunction(_ point: Point) -> Point {
        Point(x: a * point.x - b * point.y + tx, y: b * point.x + a * point.y + ty)
    }

    /// The transform that undoes this one.
    public var inverse: SimilarityTransform {
        let square = a * a + b * b
        let (inverseA, inverseB) = (a / square, -b / square)
        return SimilarityTransform(
            a: inverseA, b: inverseB,
            tx: -(inverseA * tx - inverseB * ty), ty: -(inverseB * tx + inverseA * ty))
    }

    /// The transform that brings `points` closest to `targets` in the sense of least squares.
    ///
    /// Umeyama, IEEE Transactions on Pattern Analysis and Machine Intelligence 13(4), 1991; in the plane its
    /// singular value decomposition has this closed form.
    ///
    /// - Throws: `ImagingError.degenerateLandmarks` if all points coincide, no rotation fits better than
    ///   another, or a coordinate is not finite.
    /// - Precondition: as many targets as points.
    public init(from points: [Point], to targets: [Point]) throws(ImagingError) {
        precondition(points.count == targets.count && !points.isEmpty, "Each point needs one target")
        let (source, target) = (Self.mean(points), Self.mean(targets))
        var (spread, cosine, sine) = (0.0, 0.0, 0.0)
        for (point, goal) in zip(points, targets) {
            let (px, py) = (point.x - source.x, point.y - source.y)
            let (gx, gy) = (goal.x - target.x, goal.y - target.y)
            spread += px * px + py * py
            cosine += px * gx + py * gy
            sine += px * gy - py * gx
        }
        let (a, b) = (cosine / spread, sine / spread)
        let square = a * a + b * b
        guard square.isNormal, a.isFinite, b.isFinite else { throw .degenerateLandmarks }
        self.init(
            a: a, b: b, tx: target.x - (a * source.x - b * source.y),
            ty: target.y - (b * source.x + a * source.y))
    }

    package init(a: Double, b: Double, tx: Double, ty: Double) {
        self.a = a
        self.b = b
        self.tx = tx
        self.ty = ty
    }

    private static func mean(_ points: [Point]) -> Point {
        let count = Double(points.count)
        return Point(x: points.reduce(0) { $0 + $1.x } / count, y: points.reduce(0) { $0 + $1.y } / count)
    }
}

/// Faces as recognition networks expect them.
public enum FaceAlignment {
    /// Side of an aligned face in pixels.
    public static let side = 112

    /// Left eye, right eye, nose tip, left and right mouth corner in an aligned face, as seen in the picture
    /// (ArcFace, arXiv 1801.07698, reference implementation).
    public static let template = [
        Point(x: 38.2946, y: 51.6963), Point(x: 73.5318, y: 51.5014), Point(x: 56.0252, y: 71.7366),
        Point(x: 41.5493, y: 92.3655), Point(x: 70.7299, y: 92.2041),
    ]

    /// Brings a face with the given five landmarks onto the template.
    ///
    /// - Returns: `side * side * 3` values of 0...255, rows first, red green blue: bilinear samples by the exact
    ///   formula, neither rounded nor antialiased; beyond the border the picture is black.
    public static func alignedPixels(of image: Image, landmarks: [Point]) throws(ImagingError) -> [Float] {
        precondition(landmarks.count == template.count, "A face has five landmarks, not \(landmarks.count)")
        let toFace = try SimilarityTransform(from: landmarks, to: template)
        return image.flattened(onto: [0, 0, 0]).sampled(
            through: toFace.inverse, width: side, height: side)
    }
}

extension Image {
    /// For each pixel of a `width` x `height` picture: the bilinear sample where `transform` takes its centre.
    package func sampled(through transform: SimilarityTransform, width outWidth: Int, height outHeight: Int)
        -> [Float]
    {
        let size = channels.rawValue
        return [Float](unsafeUninitializedCapacity: outWidth * outHeight * size) { buffer, count in
            count = outWidth * outHeight * size
            for y in 0..<outHeight {
                for x in 0..<outWidth {
                    let point = transform(Point(x: Double(x), y: Double(y)))
                    for channel in 0..<size {
                        buffer[(y * outWidth + x) * size + channel] = bilinearSample(
                            at: point, channel: channel)
                    }
                }
            }
        }
    }

    private func bilinearSample(at point: Point, channel: Int) -> Float {
        Float(
            bilinear(at: point, width: width, height: height) { x, y in
                Double(pixels[(y * width + x) * channels.rawValue + channel])
            })
    }
}

/// The bilinear sample at a point of a grid of values, 0 beyond its border.
@inline(__always)
func bilinear(at point: Point, width: Int, height: Int, _ value: (Int, Int) -> Double) -> Double {
    let isNearby = point.x > -1 && point.y > -1 && point.x < Double(width) && point.y < Double(height)
    guard isNearby else { return 0 }
    let (left, top) = (point.x.rounded(.down), point.y.rounded(.down))
    let (fractionX, fractionY) = (point.x - left, point.y - top)
    let (column, row) = (Int(left), Int(top))
    func known(_ x: Int, _ y: Int) -> Double {
        x >= 0 && y >= 0 && x < width && y < height ? value(x, y) : 0
    }
    let upper = known(column, row) * (1 - fractionX) + known(column + 1, row) * fractionX
    let lower = known(column, row + 1) * (1 - fractionX) + known(column + 1, row + 1) * fractionX
    return upper * (1 - fractionY) + lower * fractionY
}
