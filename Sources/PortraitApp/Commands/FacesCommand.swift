import Foundation
import Imaging
import Portraits

/// `facechain faces FILE`: the faces that other commands take by number.
enum FacesCommand {
    struct Settings: Sendable {
        var file: URL?
        var annotated: URL?
        var prefersJSON = false
        var wantsHelp = false
    }

    static let table: [CommandOption<Settings>] = [
        .value("--annotate", "OUT", "write the picture with frames and numbers (.png)") {
            $0.annotated = URL(fileURLWithPath: $1)
        },
        .toggle("--json", "as one JSON object") { $0.prefersJSON = true },
        .toggle("--help", "this text") { $0.wantsHelp = true },
    ]

    static func run(_ arguments: [String]) async throws {
        var settings = Settings()
        try PictureCommand.parse(
            arguments, command: "faces", options: table, file: \.file, into: &settings)
        if settings.wantsHelp {
            print(
                HelpText.text(
                    command: "faces", argument: "FILE",
                    purpose: "Lists the faces of a picture, numbered from left to right.", options: table))
            return
        }
        let file = try PictureCommand.checked(
            settings.file, command: "faces", output: settings.annotated, option: "--annotate")
        let seen = try await PhotoInspector(resources: ResourceLocator()).inspect(file)
        guard !seen.faces.isEmpty else { throw PortraitError.noFace(photo: file.path) }
        if let annotated = settings.annotated { try annotate(file, seen: seen, to: annotated) }
        print(settings.prefersJSON ? try json(seen, file: file) : listing(seen))
    }

    private static func annotate(_ file: URL, seen: PhotoInspection, to output: URL) throws {
        let picture = FaceMarks.draw(
            on: try ImageFile.read(file.path), faces: seen.faces, scale: 1, chosen: [])
        try ImageFile.writePNG(picture, texts: [], to: output.path, ifExists: .replace)
    }

    private static func listing(_ seen: PhotoInspection) -> String {
        seen.faces.enumerated().map { index, face in
            let place = "\(Int(face.width))x\(Int(face.height)) at \(Int(face.left)),\(Int(face.top))"
            let warnings = face.warnings.map(\.sentence).joined(separator: "; ")
            return "face \(index + 1)  \(place)" + (warnings.isEmpty ? "" : "  (\(warnings))")
        }.joined(separator: "\n")
    }

    private struct Report: Encodable {
        struct Face: Encodable {
            let number: Int
            /// left, top, width, height in the file's pixels.
            let box: [Double]
            /// Eyes, nose, mouth corners; image left first.
            let landmarks: [[Double]]
            let warnings: [String]
        }

        let file: String
        let width: Int
        let height: Int
        let faces: [Face]
    }

    private static func json(_ seen: PhotoInspection, file: URL) throws -> String {
        let faces = seen.faces.enumerated().map { index, face in
            Report.Face(
                number: index + 1,
                box: [face.left, face.top, face.width, face.height].map(PictureCommand.rounded),
                landmarks: face.landmarks.map { [$0.x, $0.y].map(PictureCommand.rounded) },
                warnings: face.warnings.map(\.sentence))
        }
        let report = Report(file: file.path, width: seen.width, height: seen.height, faces: faces)
        return try JSONFile.text(of: report)
    }
}
