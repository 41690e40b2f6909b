import Foundation
import Portraits

/// `facechain completions SHELL`: completions, written from the tables of commands and options.
enum CompletionsCommand {
    static func run(_ arguments: [String]) throws {
        switch arguments.first {
        case "bash": print(Completions.bash)
        case "zsh": print(Completions.zsh)
        case "fish": print(Completions.fish)
        case "--help": print("Usage: facechain completions bash|zsh|fish\n\nPrints completions for a shell.")
        case let shell?: throw UsageError("There are completions for bash, zsh and fish, not for '\(shell)'.")
        case nil: throw UsageError("Which shell? facechain completions bash|zsh|fish")
        }
    }
}

/// Completion scripts.
package enum Completions {
    private static let shells = ["bash", "zsh", "fish"]

    package static var bash: String {
        let cases = Subcommand.all.map { command in
            "        \(command.name)) words=\"\((command.options.map(\.name) + words(of: command)).joined(separator: " "))\" ;;"
        }
        return """
            _facechain() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=
                COMPREPLY=()
                case $previous in
                    --style) COMPREPLY=($(compgen -W "$(facechain styles --names 2>/dev/null)" -- "$current")); return ;;
                    --sampler) COMPREPLY=($(compgen -W "\(PortraitSettings.samplerNames.joined(separator: " "))" -- "$current")); return ;;
                    \(fileOptions.joined(separator: "|"))) COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames; return ;;
                esac
                if ((COMP_CWORD == 1)); then
                    words="\(Subcommand.all.map(\.name).joined(separator: " "))"
                else
                    case ${COMP_WORDS[1]} in
            \(cases.joined(separator: "\n"))
                    esac
                fi
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F _facechain facechain
            """
    }

    package static var zsh: String {
        let commands = Subcommand.all.map { "    '\($0.name):\(quoted($0.summary))'" }
        let cases = Subcommand.all.map { command in
            let options =
                command.options.map { option -> String in
                    let action = option.placeholder.map { ":\($0):\(zshAction(option))" } ?? ""
                    return "'*\(option.name)[\(quoted(option.help))]\(action)'"
                }
                + (words(of: command).isEmpty
                    ? [] : ["'1:shell:(\(words(of: command).joined(separator: " ")))'"])
            return "    \(command.name)) _arguments \(options.joined(separator: " ")) ;;"
        }
        return """
            #compdef facechain
            local -a commands
            commands=(
            \(commands.joined(separator: "\n"))
            )
            if ((CURRENT == 2)); then
                _describe command commands
            else
                local command=$words[2]
                shift words
                ((CURRENT--))
                case $command in
            \(cases.joined(separator: "\n"))
                esac
            fi
            """
    }

    package static var fish: String {
        let commands = Subcommand.all.map {
            "complete -c facechain -f -n __fish_use_subcommand -a \($0.name) -d '\(quoted($0.summary))'"
        }
        let options = Subcommand.all.flatMap { command in
            command.options.map { option -> String in
                let argument =
                    option.placeholder == nil
                    ? ""
                    : option.name == "--style"
                        ? " -x -a '(facechain styles --names)'"
                        : fileOptions.contains(option.name) ? " -r -F" : " -x"
                return
                    "complete -c facechain -n '__fish_seen_subcommand_from \(command.name)' -l \(option.name.dropFirst(2))\(argument) -d '\(quoted(option.help))'"
            }
                + words(of: command).map {
                    "complete -c facechain -f -n '__fish_seen_subcommand_from \(command.name)' -a \($0)"
                }
        }
        return (commands + options).joined(separator: "\n")
    }

    private static func words(of command: Subcommand) -> [String] {
        command.name == "completions" ? shells : []
    }

    /// The options that a file or folder follows.
    private static var fileOptions: [String] {
        let options = Subcommand.all.flatMap(\.options).filter { option in
            option.placeholder.map { $0.contains("FILE") || $0.contains("DIR") } ?? false
        }
        return Set(options.map(\.name)).sorted()
    }

    private static func zshAction(_ option: Subcommand.Option) -> String {
        switch option.name {
        case "--style": "($(facechain styles --names 2>/dev/null))"
        case "--sampler": "(\(PortraitSettings.samplerNames.joined(separator: " ")))"
        case let name where fileOptions.contains(name): "_files"
        default: ""
        }
    }

    /// For single quotes and brackets.
    private static func quoted(_ text: String) -> String {
        text.replacingOccurrences(of: "'", with: "").replacingOccurrences(of: "[", with: "(")
            .replacingOccurrences(of: "]", with: ")").replacingOccurrences(of: ":", with: " -")
    }
}
