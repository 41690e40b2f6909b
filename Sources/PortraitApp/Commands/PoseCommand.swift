import Foundation
import Imaging
import Portraits

/// `facechain pose FILE`: the postures of the people in a picture, as `generate --pose` sees them.
enum PoseCommand {
    struct Settings: Sendable {
        var file: URL?
        var output: URL?
        var prefersJSON = false
        var wantsHelp = false
    }

    static let table: [CommandOption<Settings>] = [
        .value("--out", "SKELETON", "write the skeletons, drawn in OpenPose's colours on black (.png)") {
            $0.output = URL(fileURLWithPath: $1)
        },
        .toggle("--json", "as one JSON object") { $0.prefersJSON = true },
        .toggle("--help", "this text") { $0.wantsHelp = true },
    ]

    static func run(_ arguments: [String]) async throws {
        var settings = Settings()
        try PictureCommand.parse(
            arguments, command: "pose", options: table, file: \.file, into: &settings)
        if settings.wantsHelp {
            print(
                HelpText.text(
                    command: "pose", argument: "FILE",
                    purpose: "Finds the postures of the people in a picture.", options: table))
            return
        }
        let file = try PictureCommand.checked(
            settings.file, command: "pose", output: settings.output, option: "--out")
        let seen = try await PoseInspector(resources: ResourceLocator()).inspect(file)
        if let output = settings.output {
            try ImageFile.writePNG(seen.skeleton, texts: [], to: output.path, ifExists: .replace)
        }
        let report = PoseReport(seen, file: file)
        print(settings.prefersJSON ? try JSONFile.text(of: report) : report.text)
    }
}

/// What `facechain pose` prints.
package struct PoseReport: Encodable, Sendable {
    /// Numbers are x and y in the file's pixels and confidence 0…1.
    package struct Person: Encodable, Sendable {
        let number: Int
        /// By joint; absent ones are left out.
        let points: [String: [Double]]
        /// For each hand that was found 21 points, the wrist first; `null` is an absent one.
        let hands: [[[Double]?]]
        /// 70 points, or none; `null` is an absent one.
        let face: [[Double]?]
    }

    let file: String
    /// The networks that found the people.
    let finder: String
    let people: [Person]

    /// - Parameter file: the picture's.
    package init(_ seen: PoseInspection, file: URL) {
        self.file = file.path
        finder = seen.finder
        people = seen.poses.enumerated().map { Person($1, number: $0 + 1) }
    }

    /// A line for each person, and one for the networks.
    package var text: String {
        let lines = people.map { person in
            let hands = person.hands.isEmpty ? "" : person.hands.count == 1 ? ", 1 hand" : ", 2 hands"
            return
                "person \(person.number)  \(person.points.count) of \(BodyPose.Joint.allCases.count) points"
                + hands + (person.face.isEmpty ? "" : ", face")
        }
        return (lines + ["found by \(finder)"]).joined(separator: "\n")
    }
}

extension PoseReport.Person {
    fileprivate init(_ pose: BodyPose, number: Int) {
        func numbers(_ point: Keypoint) -> [Double] {
            [point.position.x, point.position.y, Double(point.confidence)].map(PictureCommand.rounded)
        }
        let named = BodyPose.Joint.allCases.compactMap { joint in
            pose[joint].map { ("\(joint)", numbers($0)) }
        }
        self.number = number
        points = Dictionary(uniqueKeysWithValues: named)
        hands = pose.hands.map { $0.map { $0.map(numbers) } }
        face = pose.face.map { $0.map(numbers) }
    }
}
