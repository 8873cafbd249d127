import AWSEncryptionSDK

/// The manual page of a table of commands (section 1), for `man`.
struct ManualPage {
    private let command: Command
    private var text = ""

    init(_ command: Command) { self.command = command }

    /// The page in the language of `man`.
    static func text(of command: Command) -> String {
        var page = ManualPage(command)
        page.write()
        return page.text
    }

    private mutating func write() {
        let name = command.name
        text += ".\\\" Made by '\(name) completions man'.\n"
        text += ".TH \(name.uppercased()) 1 \"\" \"\(name) \(EncryptionSDK.version)\"\n"
        // Long keys and command lines leave gaps in lines that are filled.
        text += ".ad l\n.nh\n"
        section("NAME")
        line("\(name) \\- \(Self.escaped(command.summary.lowercasedFirst))")
        section("SYNOPSIS")
        for (path, action, _) in command.actions {
            let words = ([name] + path).joined(separator: " ")
            text += ".br\n\\fB\(Self.escaped(words))\\fR [\\fIOPTION\\fR]... \(Self.escaped(action.usage))\n"
        }
        section("DESCRIPTION")
        paragraph("\(command.summary). Every command takes these options:")
        for form in OptionForm.standard { option(form) }
        for (path, action, _) in command.actions { write(action, ([name] + path).joined(separator: " ")) }
        section("ENVIRONMENT")
        for (name, meaning) in [
            ("NO_COLOR", "when it has a value, nothing is coloured"),
            ("TMPDIR", "where temporary files without a name lie"),
            ("XDG_CONFIG_HOME", "the folder of esdk/config.json, which has named sets of keys; otherwise ~/.config"),
            ("AWS_*", "credentials, profile, region and endpoints of AWS, as other tools take them"),
        ] { entry("\\fB\(name)\\fR", meaning) }
    }

    private mutating func write(_ action: Action, _ path: String) {
        section(path.uppercased())
        paragraph(action.description)
        for part in action.sections {
            text += ".SS \"\(Self.escaped(part.title))\"\n"
            for form in part.forms { option(form) }
        }
        for list in action.lists {
            text += ".SS \"\(Self.escaped(list.title))\"\n"
            for part in list.entries { entry("\\fB\(Self.escaped(part.form))\\fR", part.text) }
        }
        if !action.notes.isEmpty {
            text += ".SS \"Notes\"\n"
            action.notes.forEach { paragraph($0) }
        }
        text += ".SS \"Exit codes\"\n"
        for (code, meaning) in action.exitCodes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            entry("\\fB\(code.rawValue)\\fR", meaning)
        }
        text += ".SS \"Examples\"\n"
        for example in action.examples {
            paragraph("\(example.does):")
            text += ".PP\n.RS\n.nf\n\(Self.escaped(example.line, isStart: true))\n.fi\n.RE\n"
        }
    }

    // MARK: - Elements

    private mutating func section(_ title: String) { text += ".SH \"\(Self.escaped(title))\"\n" }

    private mutating func line(_ escaped: String) { text += "\(escaped)\n" }

    private mutating func paragraph(_ words: String) { text += ".PP\n\(Self.escaped(words, isStart: true))\n" }

    private mutating func entry(_ head: String, _ words: String) {
        text += ".TP\n\(head)\n\(Self.escaped(words, isStart: true))\n"
    }

    private mutating func option(_ form: OptionForm) {
        let short = form.letter.map { "\\fB\\-\($0)\\fR, " } ?? ""
        let argument = form.argument.map { "=\\fI\(Self.escaped($0.name))\\fR" } ?? ""
        entry("\(short)\\fB\\-\\-\(Self.escaped(form.name))\\fR\(argument)", form.help)
    }

    /// A text of which nothing is taken for a request or an escape of `man`.
    private static func escaped(_ text: String, isStart: Bool = false) -> String {
        var result = isStart && (text.hasPrefix(".") || text.hasPrefix("'")) ? "\\&" : ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "\"": result += "\\(dq"
            case "…": result += "..."
            case "–": result += "\\(en"
            case "\n": result += " "
            default: result.append(character)
            }
        }
        return result
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1) == "T" ? "t" + dropFirst() : self }
}
