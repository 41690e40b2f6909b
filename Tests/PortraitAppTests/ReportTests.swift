import Foundation
import Imaging
import PortraitApp
import Portraits
import Testing

/// What the commands print that look at one picture.
@Suite struct ReportTests {
    private let file = URL(fileURLWithPath: "/home/ada/party.png")

    private func faces(_ count: Int, _ warnings: [PhotoInspection.Warning] = []) -> FacesReport {
        FacesReport(AppFixture.inspection(faces: count, warnings: warnings), file: file)
    }

    @Test func facesAreListedWithAdvice() {
        #expect(faces(1).text == "face 1  120x150 at 0,100")
        #expect(
            faces(1, [.small(pixels: 80), .turnedAside]).text
                == "face 1  120x150 at 0,100  (the face is small (80 pixels wide); 112 or more are better; "
                + "the face is turned to the side; seen from the front it is kept better)")
    }

    @Test func ofSeveralFacesTheOneThatIsUsedIsNamed() {
        #expect(
            faces(2).text.hasSuffix(
                "\n2 faces; the largest, number 2, is used unless --face says otherwise"))
    }

    private func pose(hands: Int, face: Int) -> PoseReport {
        var points = [Keypoint?](repeating: nil, count: 18)
        points[0] = Keypoint(position: Point(x: 10.127, y: 20), confidence: 0.5)
        points[1] = points[0]
        let pose = BodyPose(
            points: points, hands: Array(repeating: [points[0], nil], count: hands),
            face: Array(repeating: points[0], count: face))
        let skeleton = Image(width: 8, height: 8, channels: .rgb, filledWith: [0, 0, 0])
        return PoseReport(
            PoseInspection(poses: [pose], finder: "OpenPose (body, hands, face)", skeleton: skeleton),
            file: file)
    }

    @Test func posesAreListedWithWhoFoundThem() {
        let found = "\nfound by OpenPose (body, hands, face)"
        #expect(pose(hands: 0, face: 0).text == "person 1  2 of 18 points" + found)
        #expect(pose(hands: 1, face: 0).text == "person 1  2 of 18 points, 1 hand" + found)
        #expect(pose(hands: 2, face: 70).text == "person 1  2 of 18 points, 2 hands, face" + found)
    }

    @Test func posesAreGivenToOtherProgramsAsNumbers() throws {
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(pose(hands: 1, face: 0)))
        let report = try #require(json as? [String: Any])
        let person = try #require((report["people"] as? [[String: Any]])?.first)
        #expect(report["finder"] as? String == "OpenPose (body, hands, face)")
        #expect((person["points"] as? [String: [Double]])?["nose"] == [10.13, 20, 0.5])
        let hand = try #require((person["hands"] as? [[Any]])?.first)
        #expect(hand[0] as? [Double] == [10.13, 20, 0.5] && hand[1] is NSNull)
    }
}
