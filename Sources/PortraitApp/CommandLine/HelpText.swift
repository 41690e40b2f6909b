/// Lays out help from the same tables that parse the arguments.
enum HelpText {
    /// The help of one subcommand.
    ///
    /// - Parameter argument: what is given without an option, such as FILE.
    static func text<Settings>(
        command: String, argument: String = "", purpose: String, options: [CommandOption<Settings>]
    ) -> String {
        let lines = columns(options.map { ($0.usage, $0.help) })
        let name = argument.isEmpty ? command : "\(command) \(argument)"
        return (["Usage: facechain \(name) [options]", "", purpose, ""] + lines).joined(separator: "\n")
    }

    /// The help of the program itself.
    static var overview: String {
        let commands = Subcommand.all.map { ("\($0.name) \($0.argument)", $0.summary) }
        return
            ([
                "facechain: portraits of a person in any style, from one photo, on this computer alone.", "",
                "Usage: facechain [command] [options]", "",
            ] + columns(commands)).joined(separator: "\n")
    }

    private static func columns(_ entries: [(left: String, right: String)]) -> [String] {
        let width = (entries.map(\.left.count).max() ?? 0) + 2
        return entries.map {
            "  " + $0.left + String(repeating: " ", count: width - $0.left.count) + $0.right
        }
    }
}
