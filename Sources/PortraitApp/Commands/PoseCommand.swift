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
        print(settings.prefersJSON ? try json(seen, file: file) : listing(seen))
    }

    private static func listing(_ seen: PoseInspection) -> String {
        seen.poses.enumerated().map { index, pose in
            let found = BodyPose.Joint.allCases.filter { pose[$0] != nil }
            return "person \(index + 1)  \(found.count) of \(BodyPose.Joint.allCases.count) points"
        }.joined(separator: "\n")
    }

    private struct Report: Encodable {
        struct Person: Encodable {
            let number: Int
            /// x and y in the file's pixels and confidence 0…1, by joint; absent ones are left out.
            let points: [String: [Double]]
        }

        let file: String
        let people: [Person]
    }

    private static func json(_ seen: PoseInspection, file: URL) throws -> String {
        let people = seen.poses.enumerated().map { index, pose in
            let named = BodyPose.Joint.allCases.compactMap { joint in
                pose[joint].map { point in
                    (
                        "\(joint)",
                        [point.position.x, point.position.y, Double(point.confidence)].map(
                            PictureCommand.rounded)
                    )
                }
            }
            return Report.Person(number: index + 1, points: Dictionary(uniqueKeysWithValues: named))
        }
        return try JSONFile.text(of: Report(file: file.path, people: people))
    }
}
