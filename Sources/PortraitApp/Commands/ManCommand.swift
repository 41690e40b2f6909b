import Foundation
import Portraits

/// `facechain man`: the man page, written from the tables of commands, options and actions.
enum ManCommand {
    static func run(_ arguments: [String]) throws {
        var options = NoOptions()
        try CommandLineParser(command: "man", options: NoOptions.table).parse(arguments, into: &options)
        print(
            options.wantsHelp
                ? HelpText.text(command: "man", purpose: "Prints the man page.", options: NoOptions.table)
                : ManPage.text)
    }
}

/// The man page in the macros of man(7).
package enum ManPage {
    package static var text: String {
        ([
            ".TH FACECHAIN 1 \"\" \"facechain \(ProgramVersion.current)\" \"User Commands\"",
            ".SH NAME", "facechain \\- portraits of a person in any style, from one photo",
            ".SH SYNOPSIS", ".B facechain", "[\\fIcommand\\fR] [\\fIoptions\\fR]",
            ".SH DESCRIPTION",
            "Without a command the application opens in the terminal: styles, photos, settings, a queue of portraits "
                + "and the gallery of those that are finished. Everything is computed on this machine.",
            ".SH COMMANDS",
        ] + Subcommand.all.flatMap(command) + [".SH KEYS"] + keys + files + exitStatus).joined(
            separator: "\n")
    }

    private static func command(_ command: Subcommand) -> [String] {
        let name = command.argument.isEmpty ? command.name : "\(command.name) \(command.argument)"
        let options = command.options.flatMap { option in
            [
                ".TP",
                ".B \(escaped(option.name))\(option.placeholder.map { " \\fI\(escaped($0))\\fR" } ?? "")",
                escaped(option.help),
            ]
        }
        return [".SS \(escaped(name))", escaped(command.summary)] + options
    }

    /// The default keys, context by context.
    private static var keys: [String] {
        var lines: [String] = []
        var context: ActionContext?
        for action in ActionTable.actions where !action.defaultKeys.isEmpty {
            if action.context != context { lines.append(".SS \(escaped(action.context.title))") }
            context = action.context
            lines += [
                ".TP", ".B \(action.defaultKeys.map(escaped).joined(separator: ", "))",
                "\(escaped(action.description)) (\\fI\(escaped(action.name))\\fR)",
            ]
        }
        return lines
    }

    private static let files = [
        ".SH FILES", ".TP", ".I $XDG_CONFIG_HOME/facechain/config.json",
        "Settings, all of which may be left out: \\fBtheme\\fR, \\fBgallery\\fR (a folder), \\fBmouse\\fR (true or false), "
            + "\\fBkeys\\fR (an object: the name of an action, as in KEYS, and a list of keys).",
        ".TP", ".I $XDG_STATE_HOME/facechain/state.json", "What was chosen last.",
        ".TP", ".I $XDG_DATA_HOME/facechain", "Pictures (gallery), and your own styles, loras and models.",
        ".SH ENVIRONMENT", ".TP", ".B FACECHAIN_HOME", "The folder that holds Models and Styles.",
        ".TP", ".B FACECHAIN_GRAPHICS", "How pictures are shown, as --graphics.",
        ".TP", ".B NO_COLOR", "No colours if it is not empty.",
    ]

    private static let exitStatus = [
        ".SH EXIT STATUS",
        "0 done; 1 something was wrong with a file or the machine; 2 the command line was not understood, "
            + "or there is no terminal; 130 interrupted.",
    ]

    /// Text that troff takes as it is.
    private static func escaped(_ text: String) -> String {
        let plain = text.replacingOccurrences(of: "\\", with: "\\e").replacingOccurrences(
            of: "-", with: "\\-")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}
