import Foundation
import Imaging
import Networks
import Tensors
import TestSupport
import Testing

/// MediaPipe's poses and person mask on a real portrait.
struct MediaPipePoseTests {
    private let workspace = Fixture.sharedWorkspace
    private let pose: MediaPipePose
    private let portrait: Image

    init() throws {
        pose = try MediaPipePose(folder: mediaPipeFolder, in: workspace)
        portrait = try AstronautPicture.load()
    }

    @Test("The portrait is one person, seen from the front down to the chest")
    func portraitPose() throws {
        let people = try pose.people(in: portrait)
        #expect(people.count == 1 && people[0].confidence > 0.8)
        let body = try #require(try pose.poses(in: portrait).first)
        let right = try #require(body[.rightShoulder]).position
        let left = try #require(body[.leftShoulder]).position
        // Her right is on the left of the picture.
        #expect(right.x < left.x && left.x - right.x > 150)
        let neck = try #require(body[.neck]).position
        #expect(abs(neck.x - (right.x + left.x) / 2) < 1e-9 && abs(neck.y - (right.y + left.y) / 2) < 1e-9)
        let (nose, rightEye) = (try #require(body[.nose]).position, try #require(body[.rightEye]).position)
        let leftEye = try #require(body[.leftEye]).position
        #expect(rightEye.x < nose.x && nose.x < leftEye.x && rightEye.y < nose.y && nose.y < neck.y)
        let face = try #require(
            try MediaPipeFaces(folder: mediaPipeFolder, in: workspace).faces(in: portrait).first)
        let tip = Point(x: Double(face.landmarks[2].x), y: Double(face.landmarks[2].y))
        #expect(distance(nose, tip) < 15, "the mesh has the nose at \(tip), the pose at \(nose)")
        // The picture ends above the knees.
        #expect(body[.rightKnee] == nil && body[.leftAnkle] == nil)
    }

    @Test("A tilted person keeps left and right", arguments: [-30.0, 25])
    func rotatedPose(degrees: Double) throws {
        let upright = try #require(try pose.poses(in: portrait).first)
        let (picture, position) = try AstronautPicture.rotated(degrees: degrees)
        let body = try #require(try pose.poses(in: picture).first)
        for joint in [BodyPose.Joint.nose, .rightShoulder, .leftShoulder] {
            let (found, wanted) = (try #require(body[joint]).position, try #require(upright[joint]).position)
            // A twelfth of the picture: the shoulders lie under a wide suit.
            #expect(
                distance(found, position(wanted)) < 43, "\(joint) at \(found), expected \(position(wanted))")
        }
    }

    @Test("Three copies of different sizes are three people, from left to right")
    func group() throws {
        let places = [(x: 10, y: 240, side: 256), (x: 280, y: 0, side: 512), (x: 810, y: 120, side: 384)]
        let picture = try AstronautPicture.copies(places, width: 1_200, height: 512)
        let poses = try pose.poses(in: picture)
        #expect(poses.count == 3)
        let upright = try #require(try pose.poses(in: portrait).first)
        for (body, place) in zip(poses, places) {
            let scale = Double(place.side) / 512
            for joint in [BodyPose.Joint.nose, .rightEye, .leftEye] {
                let (found, wanted) = (
                    try #require(body[joint]).position, try #require(upright[joint]).position
                )
                let expected = Point(
                    x: Double(place.x) + wanted.x * scale, y: Double(place.y) + wanted.y * scale)
                #expect(distance(found, expected) < 0.04 * Double(place.side), "\(joint)")
            }
        }
    }

    @Test("A person too small for one look at the whole picture is found in a part of it")
    func smallPerson() throws {
        let picture = try AstronautPicture.copies([(x: 900, y: 700, side: 220)], width: 1_600, height: 1_200)
        let poses = try pose.poses(in: picture)
        #expect(poses.count == 1)
        let nose = try #require(poses.first?[.nose]).position
        #expect(nose.x > 900 && nose.x < 1_120 && nose.y > 700 && nose.y < 860)
    }

    @Test("Nobody where nobody is")
    func nobody() throws {
        #expect(try pose.poses(in: AstronautPicture.nobody()).isEmpty)
        #expect(
            try pose.poses(in: Image(width: 1, height: 1, channels: .rgb, filledWith: [9, 9, 9])).isEmpty)
    }

    @Test("The person mask covers the person and not the room")
    func mask() throws {
        let segmentation = try MediaPipePersonMask(folder: mediaPipeFolder, in: workspace)
        let mask = try segmentation.mask(of: portrait)
        #expect(mask.width == 512 && mask.height == 512)
        #expect(mask.values.allSatisfy { $0 >= 0 && $0 <= 1 })
        func mean(x: Range<Int>, y: Range<Int>) -> Float {
            y.reduce(0) { sum, row in x.reduce(sum) { $0 + mask.values[row * 512 + $1] } }
                / Float(x.count * y.count)
        }
        // Face and chest, then the corners beside the head.
        #expect(mean(x: 190..<260, y: 80..<190) > 0.95)
        #expect(mean(x: 170..<300, y: 330..<480) > 0.9)
        #expect(mean(x: 0..<60, y: 0..<60) < 0.05)
        #expect(mean(x: 440..<512, y: 0..<60) < 0.05)
        let wide = try segmentation.mask(of: portrait.resized(width: 700, height: 300, filter: .bilinear))
        #expect(wide.width == 700 && wide.height == 300)
        let empty = try segmentation.mask(of: AstronautPicture.nobody())
        #expect(empty.values.reduce(0, +) / Float(empty.values.count) < 0.1)
    }
}
