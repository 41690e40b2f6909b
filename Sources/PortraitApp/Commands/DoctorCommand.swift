import Foundation
import Portraits
import TerminalKit

/// `facechain doctor`: what this terminal, this machine and the models can do.
enum DoctorCommand {
    struct Options: Sendable {
        var prefersJSON = false
        var showsCard = true
        var wantsHelp = false
    }

    static let table: [CommandOption<Options>] = [
        .toggle("--json", "as one JSON object, without the test card") { $0.prefersJSON = true },
        .toggle("--no-card", "without the test card") { $0.showsCard = false },
        .toggle("--help", "this text") { $0.wantsHelp = true },
    ]

    static func run(_ arguments: [String]) throws {
        var options = Options()
        try CommandLineParser(command: "doctor", options: table).parse(arguments, into: &options)
        if options.wantsHelp {
            print(
                HelpText.text(
                    command: "doctor", purpose: "Says what works here and why something does not.",
                    options: table))
            return
        }
        let environment = ProcessInfo.processInfo.environment
        let terminal = TerminalQuery.capabilities(environment: environment)
        let report = try DoctorReport(environment: environment, terminal: terminal)
        print(options.prefersJSON ? try report.json() : report.text)
        guard options.showsCard, !options.prefersJSON, let terminal else { return }
        let card = try InlinePicture.bytes(
            showing: TestCard.image, in: terminal, columns: 40, rows: 12, environment: environment)
        guard let card else { return }
        print("\nTest card: six colour bars over a smooth grey ramp, with a white frame on all four sides.")
        FileHandle.standardOutput.write(Data(card))
    }
}

/// The findings, section by section.
package struct DoctorReport: Encodable, Sendable {
    /// A heading with its lines.
    package struct Section: Encodable, Sendable {
        let title: String
        let lines: [Line]
    }

    package struct Line: Encodable, Sendable {
        let name: String
        let value: String
    }

    package let sections: [Section]

    /// - Parameter terminal: nil if there is none.
    package init(environment: [String: String], terminal: TerminalCapabilities?) throws {
        let resources = try ResourceLocator(environment: environment)
        let folders = AppFolders(environment: environment)
        sections = [
            Self.program, Self.terminal(terminal, environment), Self.machine, Self.models(resources),
            Self.files(folders),
        ]
    }

    package var text: String {
        sections.map { section in
            ([section.title]
                + section.lines.map {
                    "  \($0.name.padding(toLength: 16, withPad: " ", startingAt: 0))\(SafeText($0.value))"
                })
                .joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    func json() throws -> String {
        try JSONFile.text(of: self)
    }

    private static var program: Section {
        Section(
            title: "Program",
            lines: [
                Line(name: "version", value: ProgramVersion.current),
                Line(name: "CPU kernels", value: EngineInfo.kernelLevel),
                Line(name: "BLAS", value: EngineInfo.blas),
                Line(name: "threads", value: "\(EngineInfo.defaultThreadCount)"),
            ])
    }

    private static func terminal(_ terminal: TerminalCapabilities?, _ environment: [String: String])
        -> Section
    {
        let variables = ["TERM", "COLORTERM", "LANG", "LC_ALL", "NO_COLOR", "TMUX", "SSH_CONNECTION"]
            .compactMap { name in
                environment[name].map { Line(name: name, value: $0) }
            }
        guard let terminal else {
            let line = Line(
                name: "terminal", value: "none: standard input or output is no terminal, or a dumb one")
            return Section(title: "Terminal", lines: [line] + variables)
        }
        let cell = terminal.cellSize
        return Section(
            title: "Terminal",
            lines: [
                Line(name: "name", value: terminal.name ?? "it does not say"),
                Line(
                    name: "size",
                    value: "\(terminal.columns)x\(terminal.rows) cells of \(cell.width)x\(cell.height) pixels"
                ),
                Line(name: "pictures", value: "\(terminal.graphics.rawValue): \(terminal.graphicsReason)"),
                Line(name: "registers", value: terminal.colorRegisters.map { "\($0)" } ?? "it does not say"),
                Line(
                    name: "largest sixel",
                    value: terminal.largestPicture.map { "\($0.width)x\($0.height)" } ?? "it does not say"),
                Line(name: "colours", value: "\(terminal.colors)"),
                Line(name: "whole frames", value: terminal.isSynchronized ? "yes (mode 2026)" : "no"),
                Line(
                    name: "characters",
                    value: terminal.isUnicode ? "Unicode" : "ASCII; set a UTF-8 locale for more"),
            ] + variables)
    }

    private static var machine: Section {
        Section(
            title: "Machine",
            lines: [
                Line(name: "memory", value: MachineMemory.description),
                Line(name: "cores", value: "\(ProcessInfo.processInfo.activeProcessorCount)"),
                Line(name: "system", value: ProcessInfo.processInfo.operatingSystemVersionString),
            ])
    }

    private static func models(_ resources: ResourceLocator) -> Section {
        let catalog = ModelCatalog(resources: resources)
        let models = catalog.models.map { model in
            Line(
                name: model.location == nil ? "embedded" : "own", value: "\(model.title): \(state(of: model))"
            )
        }
        let detector = resources.perceptionModels.appendingPathComponent("onet.pt").path
        let hasDetector = FileManager.default.fileExists(atPath: detector)
        return Section(
            title: "Models",
            lines: models + [
                Line(
                    name: "face detector",
                    value: hasDetector ? EngineInfo.faceDetector(resources) : "\(detector) is missing"),
                Line(name: "pose detector", value: EngineInfo.poseDetector(resources)),
                Line(
                    name: "age and gender",
                    value: EngineInfo.attributeReader(resources) ?? "not read from photos"),
                Line(name: "own detectors", value: resources.userPerceptionModels.path),
                Line(name: "own models in", value: catalog.folder.path),
            ])
    }

    private static func state(of model: ModelSummary) -> String {
        if let problem = model.problem { return "not usable, \(problem)" }
        let size = "\(model.profile.width)x\(model.profile.height)"
        return model.keepsIdentity
            ? "\(size), with face adapter and identity encoder" : "\(size), no face adapter beside it"
    }

    private static func files(_ folders: AppFolders) -> Section {
        let (configuration, complaints) = AppConfiguration.read(folders.configurationFile)
        let exists = FileManager.default.fileExists(atPath: folders.configurationFile.path)
        return Section(
            title: "Files",
            lines: [
                Line(
                    name: "configuration",
                    value: folders.configurationFile.path + (exists ? "" : " (none yet)")),
                Line(name: "gallery", value: configuration.galleryFolder(in: folders).path),
            ] + complaints.map { Line(name: "complaint", value: $0) })
    }
}

/// The machine's memory as `/proc/meminfo` tells it (proc(5)).
enum MachineMemory {
    static var description: String {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
            return "unknown"
        }
        func bytes(_ name: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
                .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map { $0 * 1024 }
        }
        guard let total = bytes("MemTotal"), let free = bytes("MemAvailable") else { return "unknown" }
        return "\(Phrases.bytes(free)) free of \(Phrases.bytes(total))"
    }
}

/// A picture that shows at a glance whether colours, edges and proportions are right.
enum TestCard {
    static let image: PixelImage = {
        let (width, height) = (360, 240)
        let bars: [(UInt8, UInt8, UInt8)] = [
            (230, 60, 50), (235, 170, 40), (90, 180, 70), (50, 170, 190), (60, 90, 200), (190, 70, 170),
        ]
        var rgba: [UInt8] = []
        rgba.reserveCapacity(width * height * 4)
        for y in 0..<height {
            for x in 0..<width {
                let isFrame = x < 4 || y < 4 || x >= width - 4 || y >= height - 4
                let grey = UInt8(x * 255 / (width - 1))
                let color =
                    isFrame
                    ? (255, 255, 255) : y < height * 2 / 3 ? bars[x * bars.count / width] : (grey, grey, grey)
                rgba += [color.0, color.1, color.2, 255]
            }
        }
        return PixelImage(width: width, height: height, rgba: rgba)
    }()
}
