import ESDKSystem

/// What the parser, the help and the completions know about an option.
struct OptionForm: Sendable {
    /// The long name, without dashes.
    let name: String
    /// The short name, if there is one.
    var letter: Character?
    /// What it takes, if anything.
    var argument: ArgumentForm?
    let help: String
    /// Whether the command needs it.
    var isRequired = false

    /// The option as the usage line has it, such as `-o DIR`.
    var spelling: String {
        guard let letter else { return "--\(name)" + (argument.map { "=\($0.name)" } ?? "") }
        return "-\(letter)" + (argument.map { " \($0.name)" } ?? "")
    }

    /// What every command understands.
    static let standard = [help, usage, version]
    static let help = OptionForm(name: "help", letter: "h", help: "Show this help")
    static let usage = OptionForm(name: "usage", help: "Show the usage line")
    static let version = OptionForm(name: "version", letter: "V", help: "Show the version")
}

/// What an option or a command takes.
struct ArgumentForm: Sendable {
    /// What it is, for completions.
    enum Kind: Sendable {
        case text
        case path
        case folder
        /// One of these words.
        case choice([String])
    }

    let name: String
    var kind = Kind.text
}

/// Options' forms under a heading.
struct FormSection: Sendable {
    let title: String
    let forms: [OptionForm]
}

/// An option that sets something in `Values`.
struct Option<Values>: Sendable {
    let form: OptionForm
    /// Takes the argument, which is empty for an option without one; throws `UsageError` when it is wrong.
    let apply: @Sendable (inout Values, Word) throws -> Void

    /// An option without an argument.
    static func flag(
        _ name: String,
        letter: Character? = nil,
        help: String,
        apply: @escaping @Sendable (inout Values) throws -> Void
    ) -> Option {
        Option(form: OptionForm(name: name, letter: letter, help: help)) { values, _ in try apply(&values) }
    }

    /// An option that takes a text.
    static func text(
        _ name: String,
        letter: Character? = nil,
        _ argument: ArgumentForm,
        help: String,
        isRequired: Bool = false,
        apply: @escaping @Sendable (inout Values, String) throws -> Void
    ) -> Option {
        let form = OptionForm(name: name, letter: letter, argument: argument, help: help, isRequired: isRequired)
        return Option(form: form) { values, word in try apply(&values, try word.text()) }
    }

    /// An option that takes the path of a file or folder, whose name need not be UTF-8.
    static func path(
        _ name: String,
        letter: Character? = nil,
        _ argument: ArgumentForm,
        help: String,
        isRequired: Bool = false,
        apply: @escaping @Sendable (inout Values, SystemPath) throws -> Void
    ) -> Option {
        let form = OptionForm(name: name, letter: letter, argument: argument, help: help, isRequired: isRequired)
        return Option(form: form) { values, word in
            guard !word.bytes.isEmpty else { throw UsageError("a path is needed") }
            try apply(&values, SystemPath(bytes: word.bytes))
        }
    }

    /// An option that takes a pair of an encryption context, `K=V`; only the first equals sign divides it.
    static func pair(
        _ name: String,
        help: String,
        apply: @escaping @Sendable (inout Values, (key: String, value: String)) -> Void
    ) -> Option {
        text(name, ArgumentForm(name: "K=V"), help: help) { values, text in
            guard let pair = ContextPair.parse(text) else { throw UsageError("K=V is needed, not '\(text)'") }
            apply(&values, pair)
        }
    }

    /// An option that takes a whole number.
    static func number(
        _ name: String,
        letter: Character? = nil,
        _ argument: String,
        in range: ClosedRange<Int>,
        help: String,
        apply: @escaping @Sendable (inout Values, Int) -> Void
    ) -> Option {
        text(name, letter: letter, ArgumentForm(name: argument), help: help) { values, text in
            guard let number = Int(text), range.contains(number) else {
                let most = range.upperBound == .max ? "" : " to \(range.upperBound)"
                throw UsageError(
                    "a number from \(range.lowerBound)\(most.isEmpty ? " up" : most) is needed, not '\(text)'"
                )
            }
            apply(&values, number)
        }
    }

    /// An option that takes one of the names of `Choice`.
    static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String,
        _ argument: String,
        of type: Choice.Type = Choice.self,
        help: String,
        apply: @escaping @Sendable (inout Values, Choice) -> Void
    ) -> Option {
        let names = Choice.allCases.map(\.rawValue)
        let form = OptionForm(name: name, argument: ArgumentForm(name: argument, kind: .choice(names)), help: help)
        return Option(form: form) { values, word in
            let text = try word.text()
            guard let choice = Choice(rawValue: text) else {
                throw UsageError("'\(text)' is not one of \(names.joined(separator: ", "))")
            }
            apply(&values, choice)
        }
    }

    /// The same option for a command whose values contain these.
    func of<Outer>(_ path: any WritableKeyPath<Outer, Values> & Sendable) -> Option<Outer> {
        Option<Outer>(form: form) { values, word in try apply(&values[keyPath: path], word) }
    }
}

/// A pair of an encryption context on the command line.
enum ContextPair {
    /// Divides `K=V` at its first equals sign; nil without one.
    ///
    /// Both may be empty, as in a message.
    static func parse(_ text: String) -> (key: String, value: String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}

/// Options under a heading.
struct OptionSection<Values>: Sendable {
    let title: String
    let options: [Option<Values>]

    init(_ title: String, _ options: [Option<Values>]) {
        self.title = title
        self.options = options
    }

    /// The same options for a command whose values contain these.
    func of<Outer>(_ path: any WritableKeyPath<Outer, Values> & Sendable) -> OptionSection<Outer> {
        OptionSection<Outer>(title, options.map { $0.of(path) })
    }
}
