import Imaging
import Tensors
import TestSupport
import Testing

@Suite struct ResizeTests {
    static let cases: [(ResizeFilter, String)] = [
        (.area, "area"), (.bilinear, "bilinear"), (.bicubic, "bicubic"), (.lanczos3, "lanczos3"),
    ]

    /// Pillow computes with the same 22-bit fixed point, so no byte may differ.
    @Test(arguments: cases) func equalsPillow(_ filter: ResizeFilter, _ name: String) throws {
        let source = try PictureFixture.image("portrait.png")
        for (width, height) in [(23, 17), (60, 9), (7, 44), (75, 66), (1, 1)] {
            let resized = source.resized(width: width, height: height, filter: filter)
            let expected = try PictureFixture.bytes("resize-\(name)-\(width)x\(height).raw")
            #expect(largestDifference(resized.pixels, expected) == 0, "\(name) \(width) x \(height)")
        }
    }

    /// Where little is opaque, dividing by opacity magnifies the rounding of Pillow's and our steps; compared is
    /// what is seen over white.
    @Test func opacityWeighsColours() throws {
        let resized = try PictureFixture.image("portrait-rgba.png").resized(
            width: 23, height: 17, filter: .bicubic)
        let expected = try Image(
            width: 23, height: 17, channels: .rgba, pixels: PictureFixture.bytes("resize-rgba.raw"))
        let white: [UInt8] = [255, 255, 255]
        let difference = largestDifference(
            resized.flattened(onto: white).pixels, expected.flattened(onto: white).pixels)
        #expect(difference.map { $0 <= 2 } == true)
    }

    @Test func fittingKeepsTheShapeAndNeverEnlarges() throws {
        let source = try PictureFixture.image("portrait.png")
        #expect(source.fitted(longestSide: 100, filter: .lanczos3) == source)
        let small = source.fitted(longestSide: 30, filter: .area)
        #expect(small.width == 30 && small.height == 22)
        let line = Image(width: 1000, height: 1, channels: .rgb, filledWith: [9, 8, 7])
        #expect(
            line.fitted(longestSide: 10, filter: .area)
                == Image(width: 10, height: 1, channels: .rgb, filledWith: [9, 8, 7]))
    }
}

@Suite struct CropTests {
    private let image = Image(
        width: 2, height: 2, channels: .rgb, pixels: [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])

    @Test func beyondTheBorderIsBlack() {
        #expect(
            image.cropped(x: 1, y: -1, width: 2, height: 2)
                == Image(width: 2, height: 2, channels: .rgb, pixels: [0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 0, 0]))
        #expect(image.cropped(x: 0, y: 1, width: 1, height: 1).pixels == [3, 3, 3])
        #expect(image.cropped(x: 5, y: -9, width: 1, height: 2).pixels == [0, 0, 0, 0, 0, 0])
    }

    @Test func letterboxCentres() {
        let boxed = image.letterboxed(width: 6, height: 2, filter: .area)
        #expect(boxed.cropped(x: 2, y: 0, width: 2, height: 2) == image)
        #expect(boxed.cropped(x: 0, y: 0, width: 2, height: 2).pixels.allSatisfy { $0 == 0 })
        #expect(boxed.cropped(x: 4, y: 0, width: 2, height: 2).pixels.allSatisfy { $0 == 0 })
    }

    @Test func flatteningShowsTheBackground() {
        let half = Image(width: 2, height: 1, channels: .rgba, pixels: [200, 100, 0, 0, 200, 100, 0, 51])
        #expect(half.flattened(onto: [10, 20, 30]).pixels == [10, 20, 30, 48, 36, 24])
    }
}

@Suite struct TensorConversionTests {
    private let workspace = Workspace(threadCount: 1)

    @Test(arguments: PixelRange.allCases) func everyByteComesBack(_ range: PixelRange) throws {
        let image = Image(width: 16, height: 16, channels: .rgb, pixels: (0..<768).map { UInt8($0 / 3) })
        let tensor = image.tensor(range: range, in: workspace)
        #expect(tensor.shape == [1, 16, 16, 3])
        #expect(try Image(tensor, range: range) == image)
    }

    @Test func rangesAreAsNamed() {
        let image = Image(width: 1, height: 1, channels: .rgb, pixels: [0, 51, 255])
        #expect(image.tensor(range: .byte, in: workspace).values == [0, 51, 255])
        #expect(image.tensor(range: .unit, in: workspace).values == [0, 0.2, 1])
        #expect(image.tensor(range: .signedUnit, in: workspace).values == [-1, -0.6, 1])
    }

    @Test func clampsAndRoundsTiesToEven() throws {
        let tensor = Tensor([-3, 0.5, 1.5, 254.6, 256, 1e9], shape: [1, 1, 2, 3], in: workspace)
        #expect(try Image(tensor, range: .byte).pixels == [0, 0, 2, 255, 255, 255])
    }

    @Test func refusesWhatIsNoNumber() {
        let tensor = Tensor([.nan, 0, .infinity], shape: [1, 1, 1, 3], in: workspace)
        #expect(throws: ImagingError.pixelsNotFinite(count: 2)) { try Image(tensor, range: .unit) }
    }
}

@Suite struct FaceAlignmentTests {
    /// scikit-image solves the least squares; the bilinear formula is written out in the script in float64.
    ///
    /// Allowed: landmarks and result are stored as float32.
    @Test func equalsScikitImage() throws {
        let numbers = try PictureFixture.floats("alignment.f32").map(Double.init)
        let landmarks = (0..<5).map { Point(x: numbers[2 * $0], y: numbers[2 * $0 + 1]) }
        let transform = try SimilarityTransform(from: landmarks, to: FaceAlignment.template)
        let parameters = [transform.a, -transform.b, transform.tx, transform.b, transform.a, transform.ty]
        expectClose(
            parameters.map(Float.init), numbers[10...].map(Float.init), absolute: 1e-5, relative: 1e-5)

        let pixels = try FaceAlignment.alignedPixels(
            of: PictureFixture.image("portrait.png"), landmarks: landmarks)
        try expectClose(pixels, PictureFixture.floats("aligned.f32"), absolute: 0.01, relative: 0)
        let tensor = try FaceAlignment.alignedFace(
            of: PictureFixture.image("portrait.png"), landmarks: landmarks, in: Workspace(threadCount: 1))
        #expect(tensor.shape == [1, 112, 112, 3])
        expectClose(tensor.values, pixels.map { $0 / 127.5 - 1 }, absolute: 1e-6, relative: 0)
    }

    @Test func inverseUndoes() throws {
        let points = [Point(x: 3, y: 9), Point(x: -4, y: 1), Point(x: 8, y: 8)]
        let transform = try SimilarityTransform(from: points, to: [points[1], points[2], points[0]])
        let there = transform.inverse(transform(Point(x: 5, y: -7)))
        #expect(abs(there.x - 5) < 1e-12 && abs(there.y + 7) < 1e-12)
    }

    @Test(arguments: [Double.nan, .infinity, 4]) func landmarksMustSpanAFace(_ value: Double) throws {
        let image = try PictureFixture.image("portrait.png")
        let landmarks = [Point](repeating: Point(x: value, y: value), count: 5)
        #expect(throws: ImagingError.degenerateLandmarks) {
            try FaceAlignment.alignedPixels(of: image, landmarks: landmarks)
        }
    }

    @Test func landmarksFarOutsideGiveABlackFace() throws {
        let landmarks = FaceAlignment.template.map { Point(x: $0.x * 1e9 + 1e15, y: $0.y * 1e9) }
        let pixels = try FaceAlignment.alignedPixels(
            of: PictureFixture.image("portrait.png"), landmarks: landmarks)
        #expect(pixels.allSatisfy { $0 == 0 })
    }
}

@Suite struct MaskTests {
    private func mask(_ name: String) throws -> Mask {
        try Mask(width: 27, height: 20, values: PictureFixture.floats("\(name).f32"))
    }

    @Test func equalsSciPy() throws {
        let mask = try mask("mask")
        #expect(try mask.dilated(radius: 2) == self.mask("mask-dilated"))
        #expect(try mask.eroded(radius: 2) == self.mask("mask-eroded"))
        try expectClose(
            mask.blurred(sigma: 1.7).values, self.mask("mask-blurred").values, absolute: 1e-6, relative: 1e-5)
    }

    @Test func featherStaysInside() throws {
        let square = Mask(
            width: 40, height: 40,
            values: (0..<1600).map {
                (8..<32).contains($0 % 40) && (8..<32).contains($0 / 40) ? 1 : 0
            })
        let soft = square.feathered(radius: 4)
        #expect(zip(soft.values, square.values).allSatisfy { $1 == 1 || $0 == 0 })
        #expect(abs(soft.values[20 * 40 + 20] - 1) < 1e-6)
        let edge = soft.values[20 * 40 + 12]
        #expect(edge > 0.3 && edge < 0.8)
    }

    @Test func blendingLeavesTheRestAlone() throws {
        let back = try PictureFixture.image("portrait.png")
        let front = Image(width: 60, height: 44, channels: .rgb, filledWith: [255, 255, 255])
        let mask = Mask(width: 60, height: 44, values: (0..<60 * 44).map { $0 == 0 ? 1 : $0 == 1 ? 0.5 : 0 })
        let blended = front.blended(over: back, mask: mask)
        #expect(blended.pixels[6...] == back.pixels[6...])
        #expect(blended.pixels[..<3] == [255, 255, 255])
        #expect(abs(Int(blended.pixels[3]) - (Int(back.pixels[3]) + 255) / 2) <= 1)
    }
}

@Suite struct PolygonTests {
    /// A right triangle covers half of its pixels' square; each pixel on the slope half.
    @Test func aTriangleCoversItsHalf() {
        let corners = [Point(x: -0.5, y: -0.5), Point(x: 7.5, y: 7.5), Point(x: -0.5, y: 7.5)]
        let mask = Mask(width: 8, height: 8, polygon: corners)
        for y in 0..<8 {
            for x in 0..<8 {
                let expected: Float = x < y ? 1 : x == y ? 0.5 : 0
                // Sixteen samples, four of which lie on the slope.
                #expect(abs(mask.values[y * 8 + x] - expected) <= 0.125, "(\(x), \(y))")
            }
        }
        let reversed = Mask(width: 8, height: 8, polygon: corners.reversed())
        #expect(reversed.values.reduce(0, +) == mask.values.reduce(0, +))
    }

    @Test func whatLiesOutsideIsCutOff() {
        let all = [
            Point(x: -1e9, y: -1e9), Point(x: 1e9, y: -1e9), Point(x: 1e9, y: 1e9), Point(x: -1e9, y: 1e9),
        ]
        #expect(Mask(width: 5, height: 3, polygon: all).values.allSatisfy { $0 == 1 })
        let beside = all.map { Point(x: $0.x + 3e9, y: $0.y) }
        #expect(Mask(width: 5, height: 3, polygon: beside).values.allSatisfy { $0 == 0 })
        #expect(Mask(width: 5, height: 3, polygon: [all[0], all[2]]).values.allSatisfy { $0 == 0 })
    }

    @Test func aShrunkenMaskLosesNothing() {
        var values = [Float](repeating: 0, count: 64)
        values[8 * 3 + 5] = 0.25
        let small = Mask(width: 8, height: 8, values: values).shrunken(by: 4)
        #expect(small == Mask(width: 2, height: 2, values: [0, 0.25, 0, 0]))
    }

    @Test func whatSticksOutOfAPictureIsCutOff() {
        let ground = Image(width: 4, height: 3, channels: .rgb, filledWith: [1, 2, 3])
        let patch = Image(width: 3, height: 3, channels: .rgb, filledWith: [9, 9, 9])
        let image = ground.overlaid(with: patch, x: 2, y: -2)
        #expect(Array(image[2, 0]) == [9, 9, 9] && Array(image[3, 0]) == [9, 9, 9])
        #expect(Array(image[1, 0]) == [1, 2, 3] && Array(image[2, 1]) == [1, 2, 3])
        #expect(ground.overlaid(with: patch, x: 9, y: 9) == ground)
        #expect(ground.overlaid(with: patch, x: -3, y: 0) == ground)
    }

    @Test func warpingByTheIdentityKeepsEveryByte() throws {
        let image = Image(
            width: 5, height: 4, channels: .rgb, pixels: (0..<60).map { UInt8($0 * 4 % 251) })
        let points = [Point(x: 0, y: 0), Point(x: 3, y: 1), Point(x: 1, y: 3)]
        let same = try SimilarityTransform(from: points, to: points)
        #expect(image.warped(by: same, width: 5, height: 4) == image)
        let left = try SimilarityTransform(from: points, to: points.map { Point(x: $0.x + 1, y: $0.y) })
        let moved = image.warped(by: left, width: 5, height: 4)
        #expect(Array(moved[0, 2]) == Array(image[1, 2]) && Array(moved[4, 2]) == [0, 0, 0])
    }
}
