import Foundation
import Imaging
import TestSupport
import Testing

/// Against controlnet_aux and OpenCV, see `make_skeleton_fixtures.py`.
struct SkeletonTests {
    private struct Case: Decodable {
        struct Person: Decodable {
            let points: [[Double]?]
            let hands: [[[Double]?]]
            let face: [[Double]?]

            var pose: BodyPose {
                func keypoints(_ points: [[Double]?]) -> [Keypoint?] {
                    points.map { point in
                        point.map { Keypoint(position: Point(x: $0[0], y: $0[1]), confidence: 1) }
                    }
                }
                return BodyPose(
                    points: keypoints(points), hands: hands.map(keypoints), face: keypoints(face))
            }
        }

        let width: Int
        let height: Int
        let people: [Person]
    }

    @Test("People are drawn as OpenPose draws them, pixel for pixel", arguments: 0..<20)
    func drawing(index: Int) throws {
        let cases = try JSONDecoder().decode(
            [Case].self, from: Data(PictureFixture.bytes("skeletons.json")))
        let people = cases[index].people.map(\.pose)
        let drawing = Image(skeletonsOf: people, width: cases[index].width, height: cases[index].height)
        let number = (index < 10 ? "0" : "") + String(index)
        #expect(try drawing == PictureFixture.image("skeleton-\(number).png"))
    }

    @Test("Points that are no places count as not found")
    func impossiblePoints() {
        func points(_ x: Double, _ y: Double, count: Int) -> [Keypoint?] {
            Array(repeating: Keypoint(position: Point(x: x, y: y), confidence: 1), count: count)
        }
        let far = [(Double.nan, 3), (4, -.infinity), (1e300, 2), (-17_000, 5)].map { x, y in
            BodyPose(
                points: points(x, y, count: 18), hands: [points(x, y, count: 21)],
                face: points(x, y, count: 70))
        }
        let drawing = Image(skeletonsOf: far, width: 20, height: 10)
        #expect(drawing == Image(width: 20, height: 10, channels: .rgb, filledWith: [0, 0, 0]))
    }

    @Test("Limbs from one end of what is allowed to the other do not overflow")
    func farthestPoints() {
        let corners = [-16_384.0, 16_384].flatMap { x in [-16_384.0, 16_384].map { Point(x: x, y: $0) } }
        func points(count: Int) -> [Keypoint?] {
            (0..<count).map { Keypoint(position: corners[$0 % 4], confidence: 1) }
        }
        let pose = BodyPose(points: points(count: 18), hands: [points(count: 21)], face: points(count: 70))
        let drawing = Image(skeletonsOf: [pose], width: 20, height: 10)
        #expect(drawing.pixels.contains { $0 > 0 })
    }
}
