/// A subcommand, as help, man page and completions know it.
struct Subcommand: Sendable {
    /// An option without what it does.
    struct Option: Sendable {
        /// With its two dashes.
        let name: String
        /// What follows it; nil for a switch.
        let placeholder: String?
        let help: String
    }

    let name: String
    /// What help shows behind the name.
    let argument: String
    let summary: String
    let options: [Option]
    let run: @Sendable ([String]) async throws -> Void

    /// All subcommands, in the order of help.
    static let all: [Subcommand] = [
        Subcommand(
            name: "browse", summary: "the application in this terminal; without a command the same",
            table: BrowseOptions.table, run: BrowseCommand.run),
        Subcommand(
            name: "generate",
            summary: "make portraits: facechain generate --photo me.jpg --style watercolour --out p.png",
            table: GenerateOptions.table, run: GenerateCommand.run),
        Subcommand(
            name: "template",
            summary:
                "put people into a picture: facechain template --template party.jpg --face 1=me.jpg --out p.png",
            table: TemplateCommand.table, run: TemplateCommand.run),
        Subcommand(
            name: "faces", argument: "FILE", summary: "the faces of a picture with their numbers",
            table: FacesCommand.table, run: FacesCommand.run),
        Subcommand(
            name: "pose", argument: "FILE", summary: "the postures of the people in a picture, as a skeleton",
            table: PoseCommand.table, run: PoseCommand.run),
        Subcommand(
            name: "styles", summary: "list the styles", table: StylesCommand.table, run: StylesCommand.run),
        Subcommand(
            name: "doctor",
            summary: "what this terminal, this machine and the models can do, with a test card",
            table: DoctorCommand.table, run: DoctorCommand.run),
        Subcommand(
            name: "paths", summary: "the folders that are used", table: PathsCommand.table,
            run: PathsCommand.run),
        Subcommand(
            name: "man", summary: "the man page: facechain man | man -l -", table: NoOptions.table,
            run: ManCommand.run),
        Subcommand(
            name: "completions", argument: "bash|zsh|fish", summary: "completions for a shell",
            table: NoOptions.table,
            run: CompletionsCommand.run),
        Subcommand(
            name: "version", summary: "version, CPU kernels and libraries", table: NoOptions.table,
            run: { _ in VersionCommand.run() }),
        Subcommand(
            name: "help", summary: "this text; 'facechain <command> --help' explains a command",
            table: NoOptions.table, run: { _ in print(HelpText.overview) }),
    ]

    private init<Settings>(
        name: String, argument: String = "", summary: String, table: [CommandOption<Settings>],
        run: @escaping @Sendable ([String]) async throws -> Void
    ) {
        self.name = name
        self.argument = argument
        self.summary = summary
        options = table.map { option in
            let placeholder: String? =
                if case .one(let placeholder) = option.value { placeholder } else { nil }
            return Option(name: option.name, placeholder: placeholder, help: option.help)
        }
        self.run = run
    }
}

/// The options of a subcommand that has none but `--help`.
struct NoOptions: Sendable {
    var wantsHelp = false

    static let table: [CommandOption<NoOptions>] = [.toggle("--help", "this text") { $0.wantsHelp = true }]
}
