import Imaging
import Portraits
import Tensors
import TestSupport
import Testing

struct AlignedFaceTests {
    @Test("The identity encoder sees white as 1, black as -1 and what lies beyond the photo as black")
    func range() throws {
        // Upper half white; as large as an aligned face, and with the landmarks where the template has them.
        let side = FaceAlignment.side
        let pixels = (0..<side * side * 3).map { UInt8($0 / 3 / side < side / 2 ? 255 : 0) }
        let image = Image(width: side, height: side, channels: .rgb, pixels: pixels)
        let expected = Tensor(
            pixels.map { Float($0) / 255 * 2 - 1 }, shape: [1, side, side, 3], in: Fixture.sharedWorkspace)
        let face = try FaceStage.alignedFace(
            of: image, landmarks: FaceAlignment.template, in: Fixture.sharedWorkspace)
        // The fitted transform is the identity up to the rounding of its doubles.
        expectClose(face, expected, absolute: 1e-5, relative: 0)

        let moved = FaceAlignment.template.map { Point(x: $0.x + 1000, y: $0.y) }
        let outside = try FaceStage.alignedFace(of: image, landmarks: moved, in: Fixture.sharedWorkspace)
        #expect(outside.values.allSatisfy { $0 == -1 })
    }
}
