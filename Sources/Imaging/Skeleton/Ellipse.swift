import Glibc

extension Canvas {
    /// An ellipse as a polygon with a corner every degree, without repeated pixels.
    ///
    /// - Parameters:
    ///   - center: its middle, in pixels.
    ///   - axes: half the lengths of its axes, in pixels.
    ///   - angle: by which the first axis is turned from right to down, -360 to 360 degrees.
    static func ellipse(center: GridPoint, axes: (Int, Int), angle: Int) -> [GridPoint] {
        let (cosine, sine) = (cosine(angle), sine(angle))
        var polygon: [GridPoint] = []
        for degree in 0...360 {
            let (along, across) = (Double(axes.0) * Self.cosine(degree), Double(axes.1) * Self.sine(degree))
            let corner = GridPoint(
                x: Int((Double(center.x) + along * cosine - across * sine).rounded(.toNearestOrEven)),
                y: Int((Double(center.y) + along * sine + across * cosine).rounded(.toNearestOrEven)))
            if corner != polygon.last { polygon.append(corner) }
        }
        return polygon
    }

    /// The sine of whole degrees as OpenCV's table has it: seven decimals, in single precision.
    private static func sine(_ degrees: Int) -> Double {
        let exact = sin(Double((degrees + 360) % 360) * .pi / 180)
        return Double(Float((exact * 1e7).rounded() / 1e7))
    }

    private static func cosine(_ degrees: Int) -> Double { sine(90 - degrees) }
}
