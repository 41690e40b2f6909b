import Imaging

extension Image {
    /// A channel up to this value counts as black, for JPEG files have no true black.
    private static let darkest: UInt8 = 40
    /// The least part of the picture that is black.
    private static let blackShare = 0.5
    /// The least part of all other pixels that is in OpenPose's colours: smoothed edges and JPEG's blocks mix them.
    private static let colorShare = 0.85
    /// Three limbs or joints have three hues; a logo on black has fewer.
    private static let hueCount = 3

    /// Whether the picture is a drawing of skeletons as OpenPose makes them, not a picture of people.
    ///
    /// It is mostly black, and everything else is of OpenPose's colours: full hues at any brightness (bodies and
    /// fingers) and white (faces).
    package var isSkeleton: Bool {
        let opaque = flattened(onto: [0, 0, 0])
        var (blackCount, colorCount) = (0, 0)
        var hues: Set<Int> = []
        for start in stride(from: 0, to: opaque.pixels.count, by: 3) {
            let (red, green, blue) = (
                opaque.pixels[start], opaque.pixels[start + 1], opaque.pixels[start + 2]
            )
            guard max(red, green, blue) > Self.darkest else {
                blackCount += 1
                continue
            }
            guard let hue = OpenPoseColor.hue(red: Int(red), green: Int(green), blue: Int(blue)) else {
                continue
            }
            colorCount += 1
            hues.insert(hue)
        }
        let count = width * height
        return Double(blackCount) >= Self.blackShare * Double(count)
            && Double(colorCount) >= Self.colorShare * Double(count - blackCount)
            && hues.subtracting([OpenPoseColor.white]).count >= Self.hueCount
    }
}

/// The colours of OpenPose's drawings.
private enum OpenPoseColor {
    /// Stands among the hues for the points of a face.
    static let white = -1
    /// Bodies have this many hues, evenly around the circle.
    private static let hueCount = 18

    /// The nearest of the body's hues; `nil` for colours that are paler than any of them.
    static func hue(red: Int, green: Int, blue: Int) -> Int? {
        let (strongest, weakest) = (max(red, green, blue), min(red, green, blue))
        if strongest > 200, weakest > 200 { return white }
        guard weakest * 3 <= strongest else { return nil }
        let span = Double(strongest - weakest)
        let turn: Double =
            if strongest == red {
                Double(green - blue) / span
            } else if strongest == green {
                Double(blue - red) / span + 2
            } else {
                Double(red - green) / span + 4
            }
        return (Int((turn / 6 * Double(hueCount)).rounded()) + hueCount) % hueCount
    }
}
