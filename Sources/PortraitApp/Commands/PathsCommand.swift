import Foundation
import Portraits

/// `facechain paths`: where everything is.
enum PathsCommand {
    static let table = NoOptions.table

    static func run(_ arguments: [String]) throws {
        var options = NoOptions()
        try CommandLineParser(command: "paths", options: table).parse(arguments, into: &options)
        if options.wantsHelp {
            print(
                HelpText.text(command: "paths", purpose: "Shows the folders that are used.", options: table))
            return
        }
        let folders = AppFolders(environment: ProcessInfo.processInfo.environment)
        let (configuration, _) = AppConfiguration.read(folders.configurationFile)
        let lines = [
            ("program", try ResourceLocator().home.path),
            ("configuration", folders.configurationFile.path),
            ("last choices", folders.stateFile.path),
            ("messages", folders.logFile.path),
            ("pictures", configuration.galleryFolder(in: folders).path),
            ("own styles", folders.data.appendingPathComponent("styles").path),
            ("own LoRAs", folders.data.appendingPathComponent("loras").path),
            ("own models", folders.data.appendingPathComponent("models").path),
            ("thumbnails", folders.thumbnails.path),
        ]
        for (name, path) in lines { print(name.padding(toLength: 15, withPad: " ", startingAt: 0) + path) }
    }
}
