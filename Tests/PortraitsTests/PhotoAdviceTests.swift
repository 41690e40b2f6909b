import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

/// What is said of a photo that may spoil a portrait.
@Suite struct PhotoAdviceTests {
    /// Eyes, nose and corners of the mouth of MediaPipe's `canonical_face_model.obj` in centimetres: right, down, towards
    /// the camera.
    private static let head: [SIMD3<Double>] = [
        SIMD3(-3.2, -2.6, 2.7), SIMD3(3.2, -2.6, 2.7), SIMD3(0, 1, 6.9), SIMD3(-2.5, 4.2, 3.4),
        SIMD3(2.5, 4.2, 3.4),
    ]

    /// The head's five points after a turn to the side, a nod and a tilt in the picture, in degrees.
    private func landmarks(aside: Double = 0, down: Double = 0, roll: Double = 0) -> [Point] {
        func turned(_ x: Double, _ y: Double, by degrees: Double) -> (Double, Double) {
            let angle = degrees * .pi / 180
            return (x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
        }
        return Self.head.map { point in
            var point = point
            (point.z, point.x) = turned(point.z, point.x, by: aside)
            (point.z, point.y) = turned(point.z, point.y, by: down)
            let (x, y) = turned(point.x, point.y, by: roll)
            return Point(x: 100 + 8 * x, y: 100 + 8 * y)
        }
    }

    private func warnings(_ landmarks: [Point]) -> [PhotoInspection.Warning] {
        // Stripes: neither dark, nor bright, nor blurred.
        let pixels = (0..<112 * 112).flatMap { [UInt8](repeating: $0 % 112 % 8 < 4 ? 90 : 170, count: 3) }
        let face = Image(width: 112, height: 112, channels: .rgb, pixels: pixels)
        return PhotoInspection.Warning.of(aligned: face, width: 200, landmarks: landmarks)
    }

    @Test(arguments: [-15.0, 0, 15], [-12.0, 0, 12])
    func aFaceSeenFromTheFrontIsFine(aside: Double, down: Double) {
        #expect(warnings(landmarks(aside: aside, down: down, roll: 20)) == [])
    }

    @Test func aHeadThatIsTurnedFarIsSaid() {
        #expect(warnings(landmarks(aside: 40)) == [.turnedAside])
        #expect(warnings(landmarks(aside: -40, roll: -30)) == [.turnedAside])
        #expect(warnings(landmarks(down: 40)) == [.lookingDown])
        #expect(warnings(landmarks(down: -40, roll: 25)) == [.lookingUp])
    }

    @Test func pointsThatAreNoFacesSayNothingOfTheHead() {
        #expect(warnings([Point](repeating: Point(x: 1, y: 1), count: 5)) == [])
    }

    private func notices(_ photo: Image, landmarks: Bool) async throws -> [String] {
        let folder = try TemporaryDirectory()
        let file = URL(fileURLWithPath: folder.file("me.png"))
        try ImageFile.writePNG(photo, texts: [], to: file.path, ifExists: .replace)
        var request = try House.astronautRequest()
        request.photos = [file]
        request.steps = 1
        if !landmarks { request.landmarks = nil }
        return try await House.studio().result(of: request).notices
    }

    @Test func aJobSaysWhatIsWrongWithItsPhoto() async throws {
        let photo = try ImageFile.read(House.astronaut.path).flattened(onto: [0, 0, 0])
        #expect(try await notices(photo, landmarks: true).allSatisfy { !$0.hasPrefix("me.png") })
        let dark = Image(
            width: photo.width, height: photo.height, channels: .rgb, pixels: photo.pixels.map { $0 / 5 })
        #expect(try await notices(dark, landmarks: true).contains("me.png: the face is dark."))
    }

    @Test func ofSeveralFacesTheOneThatIsUsedIsNamed() async throws {
        let head = try ImageFile.read(House.astronaut.path).cropped(x: 100, y: 20, width: 250, height: 250)
        let two = Image(width: 520, height: 280, channels: .rgb, filledWith: [120, 130, 140])
            .overlaid(with: head.resized(width: 190, height: 190, filter: .area), x: 5, y: 60)
            .overlaid(with: head, x: 250, y: 10)
        let told = try await notices(two, landmarks: false)
        #expect(
            told.contains("me.png: 2 faces; the largest, number 2, is used. Choose another with --face N."))
    }
}
