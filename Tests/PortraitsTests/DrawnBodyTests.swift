import Foundation
import Imaging
import Portraits
import Testing

/// Joints of drawn people, and who is asked for them.
@Suite struct DrawnBodyTests {
    private func inspected(_ path: String) async throws -> PoseInspection {
        let file = House.folder.appendingPathComponent(path)
        return try await PoseInspector(resources: House.resources()).inspect(file)
    }

    /// Set by hand in `Examples/mira.png`, whose shoulders the lower edge cuts.
    @Test func theJointsOfADrawnPersonAreWhereTheyAreSeen() async throws {
        let seen = try await inspected("Examples/mira.png")
        let pose = try #require(seen.poses.first)
        let truths: [(BodyPose.Joint, Point)] = [
            (.rightEye, Point(x: 232, y: 223)), (.leftEye, Point(x: 345, y: 223)),
            (.nose, Point(x: 287, y: 270)), (.neck, Point(x: 264, y: 485)),
            (.rightEar, Point(x: 143, y: 235)), (.leftEar, Point(x: 397, y: 235)),
        ]
        #expect(seen.finder == "the network for drawn people" && seen.poses.count == 1)
        for (joint, truth) in truths {
            // A cell of the network's maps has 22 pixels here.
            let found = try #require(pose[joint]).position
            #expect(found.distance(to: truth) <= 22, "\(joint) at \(found)")
        }
    }

    /// In front three with their arms, behind them two of whom the heads are seen.
    @Test func everybodyInAGroupIsFoundWithTheirArms() async throws {
        let seen = try await inspected("Templates/five-studio.png")
        #expect(seen.finder == "the network for drawn people" && seen.poses.count == 5)
        #expect(seen.poses.allSatisfy { $0[.nose] != nil && $0[.neck] != nil })
        let inFront = seen.poses.filter { ($0[.nose]?.position.y ?? 0) > 300 }
        #expect(inFront.count == 3 && inFront.allSatisfy { $0[.rightElbow] != nil && $0[.leftElbow] != nil })
    }

    @Test(arguments: [("einstein", 2), ("grace-hopper", 1)])
    func photosAreMediaPipes(name: String, count: Int) async throws {
        let seen = try await inspected("Examples/\(name).jpg")
        #expect(seen.finder == "MediaPipe" && seen.poses.count == count)
    }
}
