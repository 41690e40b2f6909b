import Portraits

/// One option of a subcommand: the table of these is what is parsed and what `--help` shows.
struct CommandOption<Settings>: Sendable {
    /// What follows the option, as help names it; `nil` for a switch.
    enum Value: Sendable {
        case none
        case one(String)
    }

    let name: String
    let value: Value
    let help: String
    /// Puts the value into the settings; throws `UsageError` when it is not understood.
    let apply: @Sendable (inout Settings, String) throws -> Void

    static func value(
        _ name: String, _ placeholder: String, _ help: String,
        apply: @escaping @Sendable (inout Settings, String) throws -> Void
    ) -> Self {
        Self(name: name, value: .one(placeholder), help: help, apply: apply)
    }

    static func toggle(
        _ name: String, _ help: String, apply: @escaping @Sendable (inout Settings) -> Void
    ) -> Self {
        Self(name: name, value: .none, help: help) { settings, _ in apply(&settings) }
    }

    /// The left column of the help text.
    var usage: String {
        switch value {
        case .none: name
        case .one(let placeholder): "\(name) \(placeholder)"
        }
    }
}

/// The command line was not understood: exit code 2.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Reads a subcommand's arguments by its option table.
struct CommandLineParser<Settings> {
    let command: String
    let options: [CommandOption<Settings>]
    /// Takes what stands without an option; nil where nothing may.
    var argument: (@Sendable (inout Settings, String) throws -> Void)?

    /// Applies all arguments to `settings` in their order; accepts `--name value` and `--name=value`.
    ///
    /// - Throws: `UsageError` for an unknown option, a missing value or one that is not understood.
    func parse(_ arguments: [String], into settings: inout Settings) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                if let take = self.argument {
                    try take(&settings, argument)
                    continue
                }
                throw UsageError("'\(argument)' is not expected here; see 'facechain \(command) --help'.")
            }
            let (name, attached) = Self.split(argument)
            guard let option = options.first(where: { $0.name == name }) else {
                throw UsageError(unknown(name))
            }
            switch option.value {
            case .none:
                guard attached == nil else { throw UsageError("\(name) takes no value.") }
                try option.apply(&settings, "")
            case .one(let placeholder):
                guard let value = attached ?? rest.popFirst() else {
                    throw UsageError("\(name) needs a value: \(name) \(placeholder).")
                }
                try option.apply(&settings, value)
            }
        }
    }

    private static func split(_ argument: String) -> (name: String, value: String?) {
        guard let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
        return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }

    private func unknown(_ name: String) -> String {
        let nearest = options.map { ($0.name, Spelling.distance($0.name, name)) }.min { $0.1 < $1.1 }
        let suggestion = nearest.flatMap { $0.1 <= 3 ? " Did you mean \($0.0)?" : nil } ?? ""
        return "There is no option \(name).\(suggestion) See 'facechain \(command) --help'."
    }
}

/// Numbers on the command line, with the sentence for those that are none.
enum ArgumentValue {
    static func integer(_ text: String, _ option: String, in range: ClosedRange<Int>) throws -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw UsageError(
                "\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'."
            )
        }
        return value
    }

    static func decimal(_ text: String, _ option: String, in range: ClosedRange<Float>) throws -> Float {
        guard let value = Float(text), range.contains(value) else {
            throw UsageError(
                "\(option) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'.")
        }
        return value
    }

    /// `512x768` or `512` for a square.
    static func size(_ text: String, _ option: String) throws -> (width: Int, height: Int) {
        let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        let sides = parts.compactMap { $0 }
        guard sides.count == parts.count, (1...2).contains(sides.count),
            sides.allSatisfy({ (64...2048).contains($0) })
        else {
            throw UsageError("\(option) takes WIDTHxHEIGHT in pixels, each from 64 to 2048, not '\(text)'.")
        }
        return (sides[0], sides[sides.count - 1])
    }
}
