import Foundation
import Portraits

/// What the commands share that look at one picture: `faces` and `pose`.
enum PictureCommand {
    /// Reads the arguments: options, and the file of the picture.
    static func parse<Settings>(
        _ arguments: [String], command: String, options: [CommandOption<Settings>],
        file: any WritableKeyPath<Settings, URL?> & Sendable, into settings: inout Settings
    ) throws {
        let parser = CommandLineParser(command: command, options: options) { settings, argument in
            guard settings[keyPath: file] == nil else {
                throw UsageError("One picture at a time, not also '\(argument)'.")
            }
            settings[keyPath: file] = URL(fileURLWithPath: argument)
        }
        try parser.parse(arguments, into: &settings)
    }

    /// The picture's file, once nothing speaks against looking at it.
    ///
    /// - Parameters:
    ///   - output: where a picture is to be written, if anywhere.
    ///   - option: the option that named it.
    /// - Throws: `UsageError` without a file, or when the output is no PNG.
    static func checked(_ file: URL?, command: String, output: URL?, option: String) throws -> URL {
        guard let file else { throw UsageError("Which picture? facechain \(command) FILE") }
        if let output, output.pathExtension.lowercased() != "png" {
            throw UsageError("\(option) writes a .png file, not '\(output.path)'.")
        }
        return file
    }

    /// A number of pixels as reports give it: to the hundredth.
    static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
