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
        let parser = CommandLineParser(command: "faces", options: table) { settings, argument in
            guard settings.file == nil else {
                throw UsageError("One picture at a time, not also '\(argument)'.")
            }
            settings.file = URL(fileURLWithPath: argument)
        }
        try parser.parse(arguments, into: &settings)
        if settings.wantsHelp {
            print(
                HelpText.text(
                    command: "faces", argument: "FILE",
                    purpose: "Lists the faces of a picture, numbered from left to right.", options: table))
            return
        }
        guard let file = settings.file else { throw UsageError("Which picture? facechain faces FILE") }
        if let annotated = settings.annotated, annotated.pathExtension.lowercased() != "png" {
            throw UsageError("--annotate writes a .png file, not '\(annotated.path)'.")
        }
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
        func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
        let faces = seen.faces.enumerated().map { index, face in
            Report.Face(
                number: index + 1, box: [face.left, face.top, face.width, face.height].map(rounded),
                landmarks: face.landmarks.map { [rounded($0.x), rounded($0.y)] },
                warnings: face.warnings.map(\.sentence))
        }
        let report = Report(file: file.path, width: seen.width, height: seen.height, faces: faces)
        return String(decoding: try JSONFile.bytes(of: report), as: UTF8.self)
    }
}
