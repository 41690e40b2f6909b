import Foundation
import Portraits
import TerminalKit

/// `facechain` without a command: the application in this terminal.
///
/// It has the main thread for itself, as ncurses and signals want it, so it is not asynchronous.
enum BrowseCommand {
    static func run(_ arguments: [String]) throws {
        var options = BrowseOptions()
        try CommandLineParser(command: "browse", options: BrowseOptions.table).parse(
            arguments, into: &options)
        if options.wantsHelp {
            print(
                HelpText.text(
                    command: "browse", purpose: "Opens the application in this terminal.",
                    options: BrowseOptions.table))
            return
        }
        let environment = ProcessInfo.processInfo.environment
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
            !["", "dumb"].contains(environment["TERM"] ?? "")
        else {
            throw UsageError(
                "The application needs a terminal. Without one: facechain generate --photo FILE --style NAME --out FILE; "
                    + "'facechain generate --help' and 'facechain styles' tell more.")
        }
        try open(options, environment: environment)
    }

    private static func open(_ options: BrowseOptions, environment: [String: String]) throws {
        let services = try AppServices(environment: environment, options: options)
        try? FileManager.default.createDirectory(
            at: services.folders.state, withIntermediateDirectories: true)
        let session = try TerminalSession.open(
            TerminalSession.Options(
                environment: environment, logFile: services.folders.logFile.path,
                graphics: try options.graphics
                    ?? environment["FACECHAIN_GRAPHICS"].map(BrowseOptions.graphics),
                usesMouse: options.usesMouse && services.configuration.usesMouse))
        defer { session.close() }
        let isColorless = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        let runtime = AppRuntime(
            session: session, state: state(options, services, size: session.screen.size), services: services,
            isColorless: isColorless)
        runtime.run()
        session.endBySignal()
    }

    /// The state at the start: the installation's facts, the user's configuration, and what was chosen last.
    private static func state(_ options: BrowseOptions, _ services: AppServices, size: CellSize) -> AppState {
        let bindings = KeyBindings(changes: services.configuration.keys)
        let facts = AppFacts(
            folders: services.folders, galleryFolder: services.gallery.folder,
            examplePhoto: services.examplePhoto,
            coreCount: EngineInfo.defaultThreadCount,
            styleFolder: services.resources.home.appendingPathComponent("Styles").path,
            poseDetector: EngineInfo.poseDetector(services.resources),
            attributeReader: EngineInfo.attributeReader(services.resources))
        var state = AppState(
            size: size, facts: facts, bindings: bindings,
            themeName: services.configuration.theme ?? .terminal, models: services.catalog.models,
            seeds: SeedGenerator(state: UInt64.random(in: 0 ... .max)))
        state.browser.styles = services.library.styles
        state.templates.library = services.templates
        state.browser.stylesWithoutLoRA = services.stylesWithoutLoRA
        let saved = SavedState.read(services.folders.stateFile)
        for path in [options.model, saved?.choices.model].compactMap({ $0 }) {
            let summary = services.catalog.summary(of: services.folders.url(ofPath: path))
            if !state.models.contains(where: { $0.id == summary.id }) { state.models.append(summary) }
        }
        let model = options.model.map { services.folders.url(ofPath: $0).path }
        if var saved {
            saved.choices.model = model ?? saved.choices.model
            state.restore(saved) { FileManager.default.fileExists(atPath: $0) }
        } else {
            state.choices.model = model
            state.beginForTheFirstTime()
        }
        if let theme = options.theme ?? services.configuration.theme { state.themeName = theme }
        for complaint in services.complaints + bindings.complaints { state.say(complaint, .warning) }
        return state
    }
}
