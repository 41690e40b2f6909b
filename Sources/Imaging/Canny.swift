extension Image {
    /// The edges of the picture, white on black.
    ///
    /// Canny, "A Computational Approach to Edge Detection", IEEE Transactions on Pattern Analysis and Machine
    /// Intelligence 8(6), 1986, without its smoothing: 3 x 3 Sobel gradients of the grey picture, thinned to ridges, of
    /// which those stay that hang together with a strong one. Equal to OpenCV's `Canny` (4.10 and 5.0) pixel by pixel.
    ///
    /// - Parameters:
    ///   - low: gradients |dx| + |dy| above this, 0 to 2040, may belong to an edge.
    ///   - high: gradients above this begin one.
    public func cannyEdges(low: Int, high: Int) -> Image {
        let gradients = Gradients(of: self)
        let ridges = gradients.ridges(above: low)
        let edges = gradients.connected(ridges, from: high)
        return Image(
            width: width, height: height, channels: .rgb,
            pixels: edges.flatMap { isEdge in Array(repeating: isEdge ? 255 : 0, count: 3) })
    }

    /// Rec. 601 luma as OpenCV's `cvtColor` rounds it; transparent parts are black.
    package var luma: [UInt8] {
        let opaque = flattened(onto: [0, 0, 0]).pixels
        return stride(from: 0, to: opaque.count, by: 3).map { start in
            // 0.299, 0.587 and 0.114 in units of 2⁻¹⁵.
            let sum =
                Int(opaque[start]) * 9798 + Int(opaque[start + 1]) * 19235 + Int(opaque[start + 2]) * 3735
            return UInt8((sum + (1 << 14)) >> 15)
        }
    }
}

/// Brightness gradients of a picture, in a frame one pixel wide where they are zero.
private struct Gradients {
    /// Columns and rows with the frame.
    private let width, height: Int
    private let x, y: [Int32]
    /// |x| + |y|.
    private let magnitudes: [Int32]

    /// Sobel's operator; the picture goes on beyond its border as it is there.
    init(of image: Image) {
        (width, height) = (image.width + 2, image.height + 2)
        let luma = image.luma
        func brightness(_ x: Int, _ y: Int) -> Int32 {
            Int32(luma[min(max(y, 0), image.height - 1) * image.width + min(max(x, 0), image.width - 1)])
        }
        var (gradientsX, gradientsY) = (
            [Int32](repeating: 0, count: width * height), [Int32](repeating: 0, count: width * height)
        )
        for row in 0..<image.height {
            for column in 0..<image.width {
                /// A column's or row's brightness, the middle weighing twice.
                func inColumn(_ x: Int) -> Int32 {
                    brightness(x, row - 1) + 2 * brightness(x, row) + brightness(x, row + 1)
                }
                func inRow(_ y: Int) -> Int32 {
                    brightness(column - 1, y) + 2 * brightness(column, y) + brightness(column + 1, y)
                }
                let position = (row + 1) * width + column + 1
                gradientsX[position] = inColumn(column + 1) - inColumn(column - 1)
                gradientsY[position] = inRow(row + 1) - inRow(row - 1)
            }
        }
        (x, y) = (gradientsX, gradientsY)
        magnitudes = zip(gradientsX, gradientsY).map { abs($0) + abs($1) }
    }

    private var positions: some Sequence<Int> {
        (1..<height - 1).lazy.flatMap { [width] row in row * width + 1..<(row + 1) * width - 1 }
    }

    /// Where the gradient is above `low` and largest along its own direction.
    func ridges(above low: Int) -> [Bool] {
        var ridges = [Bool](repeating: false, count: width * height)
        for position in positions where magnitudes[position] > low {
            ridges[position] = isRidge(position)
        }
        return ridges
    }

    /// Of two equal neighbours across an edge the lower or right one is left out; on diagonals both are.
    private func isRidge(_ position: Int) -> Bool {
        let magnitude = magnitudes[position]
        // tan 22.5° and tan 67.5° = tan 22.5° + 2 in units of 2⁻¹⁵.
        let shallow = abs(x[position]) * 13573
        let steep = shallow + (abs(x[position]) << 16)
        let rise = abs(y[position]) << 15
        if rise < shallow {
            return magnitude > magnitudes[position - 1] && magnitude >= magnitudes[position + 1]
        }
        if rise > steep {
            return magnitude > magnitudes[position - width] && magnitude >= magnitudes[position + width]
        }
        let diagonal = (x[position] < 0) != (y[position] < 0) ? width - 1 : width + 1
        return magnitude > magnitudes[position - diagonal] && magnitude > magnitudes[position + diagonal]
    }

    /// The ridges that a chain of neighbours joins to one whose gradient is above `high`, without the frame.
    func connected(_ ridges: [Bool], from high: Int) -> [Bool] {
        var isEdge = [Bool](repeating: false, count: width * height)
        var ends = positions.filter { ridges[$0] && magnitudes[$0] > high }
        for end in ends { isEdge[end] = true }
        while let end = ends.popLast() {
            for row in [end - width, end, end + width] {
                for neighbour in row - 1...row + 1 where ridges[neighbour] && !isEdge[neighbour] {
                    isEdge[neighbour] = true
                    ends.append(neighbour)
                }
            }
        }
        return positions.map { isEdge[$0] }
    }
}
