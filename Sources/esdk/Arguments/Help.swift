/// What a command says about itself.
extension Command {
    /// The usage line.
    func usage(as path: String, columns: Int) -> String {
        let words =
            switch body {
            case .group: ["COMMAND"]
            case .action(let action): ["[OPTION]…", action.usage]
            }
        return TextLayout(columns: columns).hanging(
            "Usage:",
            (["\(path)"] + words).joined(separator: " "),
            column: 7,
            gap: 1
        )
    }

    /// The whole help.
    func help(as path: String, columns: Int) -> String {
        let layout = TextLayout(columns: columns)
        var blocks = [usage(as: path, columns: columns)]
        switch body {
        case .group:
            blocks.append(layout.paragraph("\(summary)."))
            let entries = actions.map { ("\($0.path.joined(separator: " ")) \($0.action.usage)", $0.summary) }
            blocks.append(layout.section("Commands", entries))
            blocks.append(layout.section("Options", OptionForm.standard.map { ($0.entry, $0.help) }))
            blocks.append(layout.paragraph("'\(path) help COMMAND' tells more about a command."))
        case .action(let action):
            blocks.append(layout.paragraph(action.description))
            for section in action.sections {
                blocks.append(layout.section(section.title, section.forms.map { ($0.entry, $0.help) }))
            }
            blocks.append(layout.section("Other options", OptionForm.standard.map { ($0.entry, $0.help) }))
            blocks += action.lists.map(layout.list)
            blocks += action.notes.map(layout.paragraph)
            let codes = action.exitCodes.sorted { $0.key.rawValue < $1.key.rawValue }
            blocks.append(
                "Exit codes:\n" + codes.map { layout.hanging("  \($0.key.rawValue)", $0.value, column: 5) }.joined()
            )
            blocks.append(
                "Examples:\n"
                    + action.examples.map { layout.hanging("", $0.does + ":", column: 2) + "      \($0.line)\n" }
                    .joined()
            )
        }
        return blocks.joined(separator: "\n")
    }
}

extension Action {
    /// What the usage line requires.
    var usage: String {
        (forms.filter(\.isRequired).map(\.spelling) + [operands.usage]).filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension OptionForm {
    /// The option in a list of options.
    fileprivate var entry: String {
        (letter.map { "-\($0), " } ?? "    ") + "--\(name)" + (argument.map { "=\($0.name)" } ?? "")
    }
}

/// Lays out text in lines of less than a number of columns.
struct TextLayout {
    private let width: Int

    init(columns: Int) { width = max(columns, 40) - 1 }

    /// A text in lines.
    func paragraph(_ text: String) -> String { hanging("", text, column: 0) }

    /// A list under a heading: entries on the left, what they are on the right, or below where that does not fit.
    func section(_ title: String, _ entries: [(entry: String, text: String)]) -> String {
        let column = width < 60 ? 10 : 26
        return "\(title):\n" + entries.map { hanging("  \($0.entry)", $0.text, column: column) }.joined()
    }

    /// A list whose entries are long forms: each on lines of its own, with what it is below.
    func list(_ list: HelpList) -> String {
        list.title + ":\n"
            + list.entries.map { "  \(broken($0.form, indent: 6))\n" + hanging("", $0.text, column: 10) }.joined()
    }

    /// A form in lines, broken before a member that would not fit, each but the first with an indent.
    private func broken(_ form: String, indent: Int) -> String {
        var pieces: [String] = []
        for character in form {
            let startsPiece = character == "[" || character == "," && pieces.last?.last != "["
            if startsPiece || pieces.isEmpty { pieces.append("") }
            pieces[pieces.count - 1].append(character)
        }
        var lines: [String] = []
        for piece in pieces {
            if let last = lines.last, last.count + piece.count + 2 <= width {
                lines[lines.count - 1] = last + piece
            } else {
                lines.append((lines.isEmpty ? "" : String(repeating: " ", count: indent)) + piece)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A text whose lines begin at a column, the first one behind `first` and a gap if there is room.
    func hanging(_ first: String, _ text: String, column: Int, gap: Int = 2) -> String {
        let indent = String(repeating: " ", count: column)
        var lines: [String] = []
        var line = first
        if !first.isEmpty, first.count + gap > column {
            lines.append(first)
            line = ""
        }
        line += String(repeating: " ", count: max(0, column - line.count))
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                (line, isEmpty) = (indent, true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return (lines + [line]).map { $0 + "\n" }.joined()
    }
}
