extension Command {
    /// `esdk completions`: prints a script with which a shell completes command lines.
    static let completions: Command = Command(
        name: "completions",
        summary: "print completions for bash, zsh or fish, or the manual",
        body: .action(
            Action(
                description:
                    "Prints a script that lets SHELL complete commands, options and what they take: bash, zsh or fish. For man, "
                    + "prints the manual page.",
                operands: .one(ArgumentForm(name: "SHELL", kind: .choice(names)), "bash, zsh, fish or man"),
                values: {},
                options: [],
                exitCodes: [.success: "the script or page was printed", .unusable: "wrong usage"],
                examples: [
                    ("source <(esdk completions bash)", "Complete in this bash"),
                    (
                        "esdk completions bash >~/.local/share/bash-completion/completions/esdk",
                        "Complete in every bash that begins"
                    ),
                    ("esdk completions zsh >DIR/_esdk", "The same for zsh; DIR is in fpath"),
                    ("esdk completions fish >~/.config/fish/completions/esdk.fish", "The same for fish"),
                    ("esdk completions man >~/.local/share/man/man1/esdk.1", "Install the manual page: man esdk"),
                ]
            ) { (_: Void, operands) in
                let name = try operands.first?.text() ?? ""
                if name == manual {
                    Terminal.write(ManualPage.text(of: .esdk))
                    return .success
                }
                guard let shell = CompletionScript.Shell(rawValue: name) else {
                    throw UsageError("'\(name)' is not one of \(names.joined(separator: ", "))")
                }
                Terminal.write(CompletionScript(.esdk).text(for: shell))
                return .success
            }
        )
    )

    private static let names = CompletionScript.Shell.allCases.map(\.rawValue) + [manual]
    private static let manual = "man"
}

/// The completions of a table of commands, as a script for a shell.
struct CompletionScript {
    enum Shell: String, CaseIterable {
        case bash
        case zsh
        case fish
    }

    /// A place on the command line: behind the words that lead to a command.
    private struct Place {
        let path: [String]
        let forms: [OptionForm]
        /// What may come next, with what it does.
        var words: [(word: String, summary: String)] = []
        var operand: ArgumentForm?

        var key: String { path.joined(separator: " ") }
    }

    private let places: [Place]

    init(_ command: Command) { places = Self.places(command, []) }

    private static func places(_ command: Command, _ path: [String]) -> [Place] {
        switch command.body {
        case .action(let action):
            let forms = action.forms + OptionForm.standard
            return [Place(path: path, forms: forms, operand: action.operands.argument)]
        case .group(let commands):
            let words = commands.map { ($0.name, $0.summary) } + [("help", "tell more about a command")]
            let own = Place(path: path, forms: OptionForm.standard, words: words)
            return [own] + commands.flatMap { places($0, path + [$0.name]) }
        }
    }

    func text(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    // MARK: - bash

    private var bash: String {
        let paths = places.dropFirst().map { "' \($0.key)'" }.joined(separator: " | ")
        var arguments = ""
        var operands = ""
        for place in places {
            for form in place.forms {
                guard let argument = form.argument else { continue }
                let names = ["--\(form.name)"] + (form.letter.map { ["-\($0)"] } ?? [])
                let patterns = names.map { "' \(place.key) \($0)'" }.joined(separator: " | ")
                arguments += "    \(patterns)) \(bash(argument.kind)) return ;;\n"
            }
            let options = place.forms.map { "--\($0.name)" + ($0.argument == nil ? "" : "=") }.joined(separator: " ")
            let words = place.words.map(\.word).joined(separator: " ")
            operands += """
                    ' \(place.key)')
                        if [[ $word == -* ]]; then
                            compopt -o nospace; mapfile -t COMPREPLY < <(compgen -W '\(options)' -- "$word")
                            [[ ${COMPREPLY[*]} == *= ]] || compopt +o nospace
                        else
                            \(place.operand.map { bash($0.kind) } ?? bash(.choice([words])))
                        fi ;;

                """
        }
        return """
            # Completions of esdk for bash.
            _esdk() {
                local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} place='' next i
                # Bash takes the sign in --name=value for a word.
                if [[ $word == = ]]; then
                    word=''
                elif [[ $previous == = ]]; then
                    previous=${COMP_WORDS[COMP_CWORD-2]}
                fi
                for ((i = 1; i < COMP_CWORD; i++)); do
                    next="$place ${COMP_WORDS[i]}"
                    case $next in
                    \(paths)) place=$next ;;
                    esac
                done
                COMPREPLY=()
                case "${place:- } $previous" in
            \(arguments)    esac
                case ${place:- } in
            \(operands)    esac
            }
            complete -F _esdk esdk

            """
    }

    private func bash(_ kind: ArgumentForm.Kind) -> String {
        switch kind {
        case .text: ":;"
        case .path: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\");"
        case .folder: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\");"
        case .choice(let words):
            "mapfile -t COMPREPLY < <(compgen -W '\(words.joined(separator: " "))' -- \"$word\");"
        }
    }

    // MARK: - zsh

    private var zsh: String {
        let paths = places.dropFirst().map { "' \($0.key)'" }.joined(separator: " | ")
        var cases = ""
        for place in places {
            var lines = place.forms.map { form in
                let argument = form.argument.map { ":\(zsh($0.name)):\(zsh($0.kind))" } ?? ""
                let text = "[\(zsh(form.help))]\(argument)"
                let long = quoted("*--\(form.name)\(form.argument == nil ? "" : "=")\(text)")
                guard let letter = form.letter else { return long }
                return long + " " + quoted("*-\(letter)\(form.argument == nil ? "" : "+")\(text)")
            }
            if let operand = place.operand {
                lines.append(quoted("*:\(zsh(operand.name)):\(zsh(operand.kind))"))
            } else {
                let words = place.words.map { "\($0.word)\\:\"\(zsh($0.summary))\"" }.joined(separator: " ")
                lines.append(quoted("1:COMMAND:((\(words)))"))
            }
            cases += "    ' \(place.key)')\n        _arguments -s -S \\\n"
            cases += lines.map { "            \($0)" }.joined(separator: " \\\n") + " ;;\n"
        }
        return """
            #compdef esdk
            # Completions of esdk for zsh.
            _esdk() {
                local place='' next
                while (( CURRENT > 2 )); do
                    next="$place $words[2]"
                    case $next in
                    \(paths)) place=$next; shift words; (( CURRENT-- )) ;;
                    *) break ;;
                    esac
                done
                case ${place:- } in
            \(cases)    esac
            }
            if [ "$funcstack[1]" = _esdk ]; then _esdk "$@"; else compdef _esdk esdk; fi

            """
    }

    private func zsh(_ kind: ArgumentForm.Kind) -> String {
        switch kind {
        case .text: " "
        case .path: "_files"
        case .folder: "_files -/"
        case .choice(let words): "(\(words.joined(separator: " ")))"
        }
    }

    /// A text in which nothing ends a description or a message of `_arguments`.
    private func zsh(_ text: String) -> String {
        text.map { "[]:\\\"".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    // MARK: - fish

    private var fish: String {
        var lines = ""
        for place in places {
            let condition = "-n \(quoted("__esdk_at \(place.key)"))"
            for form in place.forms {
                let letter = form.letter.map { " -s \($0)" } ?? ""
                let argument = form.argument.map { " -r\(fish($0.kind))" } ?? ""
                lines += "complete -c esdk \(condition)\(letter) -l \(form.name)\(argument) -d \(quoted(form.help))\n"
            }
            for (word, summary) in place.words {
                lines += "complete -c esdk \(condition) -a \(word) -d \(quoted(summary))\n"
            }
            if let operand = place.operand { lines += "complete -c esdk \(condition)\(fish(operand.kind))\n" }
        }
        let paths = places.dropFirst().map { quoted($0.key) }.joined(separator: " ")
        return """
            # Completions of esdk for fish.
            function __esdk_at
                set -l place
                for word in (commandline -opc)[2..-1]
                    set -l next (string trim -- "$place $word")
                    contains -- $next \(paths); and set place $next
                end
                test "$place" = "$argv"
            end
            complete -c esdk -f
            \(lines)
            """
    }

    private func fish(_ kind: ArgumentForm.Kind) -> String {
        switch kind {
        case .text: " -f"
        case .path: " -F"
        case .folder: " -f -a '(__fish_complete_directories)'"
        case .choice(let words): " -f -a '\(words.joined(separator: " "))'"
        }
    }

    /// A text as one word for any of the shells.
    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\"'\"'") + "'"
    }
}
