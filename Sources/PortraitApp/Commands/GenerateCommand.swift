import Dispatch
import Foundation
import Portraits

/// `facechain generate`: portraits from the command line.
enum GenerateCommand {
    static func run(_ arguments: [String]) async throws {
        var options = GenerateOptions()
        try CommandLineParser(command: "generate", options: GenerateOptions.table).parse(
            arguments, into: &options)
        if options.wantsHelp {
            print(
                HelpText.text(
                    command: "generate", purpose: "Makes portraits of the person in the photo.",
                    options: GenerateOptions.table))
            return
        }
        guard !options.request.photos.isEmpty else {
            throw UsageError("A portrait needs a photo of the person: --photo FILE.")
        }
        try options.checkPose()
        try await paint(options)
    }

    /// Makes what the options ask for and writes it.
    static func paint(_ options: GenerateOptions) async throws {
        var options = options
        let files = PortraitFiles(output: options.output, count: options.request.count)
        try files.check()
        let resources = try ResourceLocator()
        if let name = options.styleName {
            options.request.style = try StyleLibrary(folders: resources.styleFolders).style(named: name)
        }
        try await generate(options, resources: resources, files: files)
    }

    private static func generate(
        _ options: GenerateOptions, resources: ResourceLocator, files: PortraitFiles
    ) async throws {
        let studio =
            options.threadCount.map { PortraitStudio(resources: resources, threadCount: $0) }
            ?? PortraitStudio(resources: resources)
        let work = Task {
            var reporter = options.reporter()
            defer { reporter.finish() }
            var index = 0
            for try await event in studio.portraits(for: options.request) {
                reporter.report(event)
                guard case .finished(let portrait) = event else { continue }
                index += 1
                reporter.wrote(portrait, file: try files.write(portrait, index: index))
            }
            try Task.checkCancellation()
        }
        let interrupt = Interrupt { work.cancel() }
        defer { interrupt.stop() }
        try await work.value
    }
}

/// Turns Ctrl-C into a call, so that a job can end cleanly.
private final class Interrupt {
    private let source: any DispatchSourceSignal

    init(_ action: @escaping @Sendable () -> Void) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler(handler: action)
        source.resume()
    }

    func stop() {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }
}
