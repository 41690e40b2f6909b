import Tensors
import TestSupport
import Testing

/// The operations of small image networks against PyTorch (make_image_operations_fixtures.py), with both tables of
/// kernels and one or two threads.
struct ImageOperationTests {
    private func fixture(_ engine: OperationTests.Engine) throws -> Fixture {
        try Fixture.load(bundle: .module, "image_operations", in: engine.workspace)
    }

    @Test(
        arguments: OperationTests.Engine.all,
        [
            ("same", 1, Padding(1)), ("odd", 2, Padding(top: 0, left: 0, bottom: 1, right: 1)),
            ("wide", 1, Padding(top: 2, left: 1, bottom: 2, right: 2)), ("none", 2, Padding.none),
        ])
    func depthwiseConvolutions(
        _ engine: OperationTests.Engine, _ example: (name: String, stride: Int, padding: Padding)
    ) throws {
        let fixture = try fixture(engine)
        let name = "depthwise.\(example.name)"
        let actual = depthwiseConvolution2D(
            try fixture["\(name).x"], weight: try fixture["\(name).weight"],
            bias: try fixture["\(name).bias"],
            stride: example.stride, padding: example.padding)
        // f32 sums of up to 20 products.
        expectRelative(actual, try fixture["\(name).y"], maxError: 1e-6)
    }

    @Test(
        arguments: OperationTests.Engine.all,
        [
            ("same", 3, 3, 2, Padding(top: 1, left: 0, bottom: 1, right: 1)),
            ("uneven", 2, 4, 1, Padding(top: 0, left: 1, bottom: 1, right: 2)),
            ("whole", 11, 8, 1, Padding.none),
        ])
    func pools(
        _ engine: OperationTests.Engine,
        _ example: (name: String, height: Int, width: Int, stride: Int, padding: Padding)
    ) throws {
        let fixture = try fixture(engine)
        let (name, _, _, stride, padding) = example
        let x = try fixture["pool.\(name).x"]
        expectClose(
            maxPool2D(x, height: example.height, width: example.width, stride: stride, padding: padding),
            try fixture["pool.\(name).max"], absolute: 0, relative: 0)
        // Rounded once from f64.
        expectClose(
            averagePool2D(x, height: example.height, width: example.width, stride: stride, padding: padding),
            try fixture["pool.\(name).mean"], absolute: 1e-7, relative: 1e-6)
    }

    @Test(
        arguments: OperationTests.Engine.all,
        [("up", 14, 10), ("down", 3, 4), ("mixed", 15, 2), ("point", 1, 1)])
    func bilinearResizing(
        _ engine: OperationTests.Engine, _ example: (name: String, height: Int, width: Int)
    ) throws {
        let fixture = try fixture(engine)
        let x = try fixture["bilinear.x"]
        for alignment in PixelAlignment.allCases {
            // Positions up to 7 in f32 lose three bits.
            expectClose(
                resizedBilinearly(x, height: example.height, width: example.width, alignment: alignment),
                try fixture["bilinear.\(example.name).\(alignment)"], absolute: 5e-6, relative: 1e-6)
        }
    }

    @Test(arguments: OperationTests.Engine.all) func zeroPadding(_ engine: OperationTests.Engine) throws {
        let fixture = try fixture(engine)
        let padded = zeroPadded(try fixture["padded.x"], before: [1, 0, 2, 0], after: [0, 3, 1, 4])
        expectClose(padded, try fixture["padded.y"], absolute: 0, relative: 0)
    }

    @Test(arguments: OperationTests.Engine.all) func hardSwishes(_ engine: OperationTests.Engine) throws {
        let fixture = try fixture(engine)
        expectClose(
            hardSwish(try fixture["hardSwish.x"]), try fixture["hardSwish.y"], absolute: 1e-7, relative: 1e-6)
    }
}
