import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

/// Poses by OpenPose, where a user has its weights.
@Suite(.serialized) struct OpenPoseTests {
    private let folder: TemporaryDirectory
    private let perception: URL
    private let resources: ResourceLocator

    init() throws {
        folder = try TemporaryDirectory()
        perception = URL(fileURLWithPath: folder.file("facechain/perception"))
        try FileManager.default.createDirectory(at: perception, withIntermediateDirectories: true)
        resources = try House.resources(userData: folder)
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: perception.appendingPathComponent(name))
    }

    private func picture() throws -> URL {
        let file = URL(fileURLWithPath: folder.file("squares.png"))
        try ImageFile.writePNG(ColorfulPerson.picture, texts: [], to: file.path, ifExists: .replace)
        return file
    }

    @Test func theNetworksThatAreThereAreNamed() throws {
        #expect(EngineInfo.poseDetector(resources) == "MediaPipe, completed for drawn people")
        try write("", to: "facenet.pth")
        #expect(
            EngineInfo.poseDetector(resources) == "MediaPipe, completed for drawn people",
            "a face is looked for where a body is")
        try write("", to: "body_pose_model.pth")
        #expect(EngineInfo.poseDetector(resources) == "OpenPose (body, face)")
        try write("", to: "hand_pose_model.pth")
        #expect(EngineInfo.poseDetector(resources) == "OpenPose (body, hands, face)")
    }

    @Test func withoutItsWeightsMediaPipeIsUsed() async throws {
        let seen = try await PoseInspector(resources: resources).inspect(House.astronaut)
        #expect(seen.finder == "MediaPipe" && seen.poses.count == 1)
    }

    @Test func bodiesAndFacesAreFoundAndDrawn() async throws {
        try ColorfulPerson.writeBody(into: perception)
        try ColorfulPerson.writeFace(into: perception)
        let seen = try await PoseInspector(resources: resources).inspect(picture())
        #expect(seen.finder == "OpenPose (body, face)")
        let pose = try #require(seen.poses.first)
        #expect(seen.poses.count == 1 && pose.points.compactMap(\.self).count == ColorfulPerson.joints.count)
        for joint in ColorfulPerson.joints {
            let (found, made) = (try #require(pose[joint.joint]).position, ColorfulPerson.middle(of: joint))
            // Half a cell: the hint of colour beside a square draws its middle there.
            #expect(abs(found.x - made.x) <= 4 && abs(found.y - made.y) <= 4, "\(joint.joint): \(found)")
        }
        let point = try #require(pose.face.first ?? nil).position
        let nose = ColorfulPerson.middle(of: ColorfulPerson.joints[1])
        #expect(pose.face.count == 70 && pose.face.compactMap(\.self).count == 1)
        #expect(abs(point.x - nose.x) <= 8 && abs(point.y - nose.y) <= 8, "\(point)")
        let white = stride(from: 0, to: seen.skeleton.pixels.count, by: 3).count { start in
            seen.skeleton.pixels[start..<start + 3].allSatisfy { $0 == 255 }
        }
        // A circle of radius 3.
        #expect(seen.skeleton.isSkeleton && (25...40).contains(white), "\(white) white pixels")
    }

    @Test func aPortraitFollowsItAndSaysSo() async throws {
        try ColorfulPerson.writeBody(into: perception)
        var request = try House.astronautRequest()
        request.controls = [PoseControl(.picture(try picture()))]
        let result = try await PortraitStudio(resources: resources, threadCount: 2).result(of: request)
        #expect(result.portraits.count == 1)
        #expect(result.notices.contains("squares.png: the pose of 1 person, found by OpenPose (body)."))
    }

    @Test func nobodyInThePictureIsSaid() async throws {
        try ColorfulPerson.writeBody(into: perception)
        await #expect(throws: PortraitError.noPose(picture: House.astronaut.path)) {
            try await PoseInspector(resources: resources).inspect(House.astronaut)
        }
    }

    @Test func aBrokenFileIsNamedInOneSentence() async throws {
        try write("hello", to: "body_pose_model.pth")
        func complaint() async throws -> String {
            let inspector = PoseInspector(resources: resources)
            let error = await #expect(throws: (any Error).self) {
                try await inspector.inspect(House.astronaut)
            }
            return error.map { "\($0)" } ?? ""
        }
        let file = perception.appendingPathComponent("body_pose_model.pth").path
        #expect(try await complaint().contains(file))
        // The face's weights are not the body's.
        try ColorfulPerson.writeFace(into: perception)
        let face = perception.appendingPathComponent("facenet.pth").path
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.moveItem(atPath: face, toPath: file)
        #expect(try await complaint().contains(file))
    }
}
