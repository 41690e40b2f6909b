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
        let report = FacesReport(seen, file: file)
        print(settings.prefersJSON ? try JSONFile.text(of: report) : report.text)
    }

    private static func annotate(_ file: URL, seen: PhotoInspection, to output: URL) throws {
        let picture = FaceMarks.draw(
            on: try ImageFile.read(file.path), faces: seen.faces, scale: 1, chosen: [])
        try ImageFile.writePNG(picture, texts: [], to: output.path, ifExists: .replace)
    }
}

/// What `facechain faces` prints.
package struct FacesReport: Encodable, Sendable {
    /// A face that other commands take by its number.
    package struct Face: Encodable, Sendable {
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
    /// Which of several faces is used; nil if there is no choice.
    let choice: String?

    /// - Parameter file: the picture's.
    package init(_ seen: PhotoInspection, file: URL) {
        self.file = file.path
        (width, height, choice) = (seen.width, seen.height, seen.choice)
        faces = seen.faces.enumerated().map { index, face in
            Face(
                number: index + 1,
                box: [face.left, face.top, face.width, face.height].map(PictureCommand.rounded),
                landmarks: face.landmarks.map { [$0.x, $0.y].map(PictureCommand.rounded) },
                warnings: face.warnings.map(\.sentence))
        }
    }

    /// A line for each face, and one for the choice between several.
    package var text: String {
        let lines = faces.map { face in
            let numbers = face.box.map { Int($0.rounded()) }
            let place = "\(numbers[2])x\(numbers[3]) at \(numbers[0]),\(numbers[1])"
            let warnings = face.warnings.joined(separator: "; ")
            return "face \(face.number)  \(place)" + (warnings.isEmpty ? "" : "  (\(warnings))")
        }
        return (lines + [choice.map { "\($0) unless --face says otherwise" }].compactMap(\.self))
            .joined(separator: "\n")
    }
}
