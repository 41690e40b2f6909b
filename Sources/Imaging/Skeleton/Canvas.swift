/// A pixel, or a point in fixed point: then a pixel measures `Canvas.one`.
struct GridPoint: Equatable {
    var x: Int
    var y: Int
}

/// A black picture on which shapes are drawn without antialiasing.
///
/// Which pixels belong to a shape is decided as in OpenCV (modules/imgproc/src/drawing.cpp, versions 4.10 to 4.12), in
/// integers of 16 fractional bits: ControlNet's pose model was trained on such drawings, and what it sees should not
/// depend on who draws.
struct Canvas {
    /// One pixel in fixed point.
    static let one = 1 << fractionBits
    static let half = one / 2
    static let fractionBits = 16
    /// Coordinates beyond this many pixels could overflow the products of fixed-point numbers.
    static let reach = ImageLimits.side

    let width: Int
    let height: Int
    private(set) var pixels: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = Array(repeating: 0, count: width * height * 3)
    }

    /// Colours the pixels of one row whose column lies in `columns`; those outside the picture are left out.
    mutating func fillRow(_ row: Int, columns: ClosedRange<Int>, _ color: SIMD3<UInt8>) {
        guard row >= 0, row < height, columns.lowerBound < width, columns.upperBound >= 0 else { return }
        for column in columns.clamped(to: 0...width - 1) {
            let start = (row * width + column) * 3
            for channel in 0..<3 { pixels[start + channel] = color[channel] }
        }
    }

    /// Colours a pixel, if it lies in the picture.
    mutating func fillPixel(x: Int, y: Int, _ color: SIMD3<UInt8>) {
        fillRow(y, columns: x...x, color)
    }

    /// Fills a circle around a pixel, by Bresenham's midpoint rule.
    mutating func fillCircle(center: GridPoint, radius: Int, _ color: SIMD3<UInt8>) {
        // One eighth of the outline, from the rightmost point upwards; the other seven are its mirror images.
        var (across, along) = (radius, 0)
        var error = 0
        while across >= along {
            for side in [-1, 1] {
                fillRow(center.y + side * along, columns: center.x - across...center.x + across, color)
                fillRow(center.y + side * across, columns: center.x - along...center.x + along, color)
            }
            error += 2 * along + 1
            along += 1
            if error > 0 {
                error -= 2 * across - 1
                across -= 1
            }
        }
    }

    /// Draws a line one pixel wide between pixels, by Bresenham's rule.
    mutating func strokeLine(_ line: Segment, _ color: SIMD3<UInt8>) {
        guard let line = line.clipped(width: width, height: height) else { return }
        // Always from left to right, so that a line and its reverse are the same pixels.
        let (start, end) = line.start.x <= line.end.x ? (line.start, line.end) : (line.end, line.start)
        let (deltaX, deltaY) = (end.x - start.x, abs(end.y - start.y))
        let downwards = end.y < start.y ? -1 : 1
        let isSteep = deltaY > deltaX
        let (major, minor) = (max(deltaX, deltaY), min(deltaX, deltaY))
        var error = major - 2 * minor
        var point = start
        for _ in 0...major {
            fillPixel(x: point.x, y: point.y, color)
            let stepsAside = error < 0
            error += (stepsAside ? 2 * major : 0) - 2 * minor
            if isSteep || stepsAside { point.y += downwards }
            if !isSteep || stepsAside { point.x += 1 }
        }
    }

    /// Draws a line about one pixel wide between points in fixed point.
    mutating func strokeFixedPointLine(_ line: Segment, _ color: SIMD3<UInt8>) {
        guard let line = line.clipped(width: width * Self.one, height: height * Self.one) else { return }
        let isSteep = abs(line.end.x - line.start.x) <= abs(line.end.y - line.start.y)
        // The axis along which the line is longer comes first from here on.
        func axes(_ point: GridPoint) -> (major: Int, minor: Int) {
            isSteep ? (point.y, point.x) : (point.x, point.y)
        }
        var (start, end) = (axes(line.start), axes(line.end))
        if end.major < start.major { swap(&start, &end) }
        let length = end.major - start.major
        let slope = ((end.minor - start.minor) * Self.one) / (length | 1)

        func fill(_ major: Int, _ minor: Int) {
            fillPixel(x: isSteep ? minor : major, y: isSteep ? major : minor, color)
        }
        fill((end.major + Self.half) >> Self.fractionBits, (end.minor + Self.half) >> Self.fractionBits)
        var minor = start.minor + Self.half
        let first = (start.major + Self.half) >> Self.fractionBits
        for major in first...first + (length >> Self.fractionBits) {
            fill(major, minor >> Self.fractionBits)
            minor += slope
        }
    }
}
