/// Lays out help from the same tables that parse the arguments.
enum HelpText {
    /// The help of one subcommand.
    static func text<Settings>(command: String, purpose: String, options: [CommandOption<Settings>]) -> String
    {
        let width = (options.map(\.usage.count).max() ?? 0) + 2
        let lines = options.map { option in
            "  " + option.usage + String(repeating: " ", count: width - option.usage.count) + option.help
        }
        return (["Usage: facechain \(command) [options]", "", purpose, ""] + lines).joined(separator: "\n")
    }

    /// The help of the program itself.
    static let overview = """
        facechain: portraits of a person in any style, from one photo, on this computer alone.

        Usage: facechain <command> [options]

          generate   make portraits: facechain generate --photo me.jpg --style watercolour --out p.png
          styles     list the styles
          version    version, CPU kernels and libraries
          help       this text; 'facechain <command> --help' explains a command
        """
}
