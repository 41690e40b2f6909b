import Imaging
import TestSupport
import Testing

/// Against OpenCV, see `make_canny_fixtures.py`.
struct CannyTests {
    @Test("Luma and edges are those of OpenCV, pixel for pixel", arguments: 0..<20)
    func edges(index: Int) throws {
        let fixture = try Fixture.load(bundle: .module, "canny")
        let number = (index < 10 ? "0" : "") + String(index)
        let size = try fixture.integers("\(number).size")
        let picture = Image(
            width: size[0], height: size[1], channels: .rgb,
            pixels: try fixture.integers("\(number).picture").map { UInt8($0) })
        #expect(try picture.luma.map { Int($0) } == fixture.integers("\(number).grey"))
        let edges = picture.cannyEdges(low: 100, high: 200)
        #expect(edges.width == size[0] && edges.height == size[1])
        let expected = try fixture.integers("\(number).edges").flatMap {
            Array(repeating: 255 * $0, count: 3)
        }
        let differing = zip(edges.pixels, expected).count { $0 != $1 }
        #expect(differing == 0, "\(differing / 3) of \(expected.count / 3) pixels differ")
    }
}
