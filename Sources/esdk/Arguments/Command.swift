import ESDKSystem

/// An entry in the table of commands: a group such as `vectors`, or a command that does something.
///
/// Dispatch, help, suggestions and completions all come from the table, `Command.esdk`.
struct Command: Sendable {
    enum Body: Sendable {
        case group([Command])
        case action(Action)
    }

    /// The word that the user types.
    let name: String
    /// What it does, for lists of commands: a phrase without a full stop.
    let summary: String
    let body: Body

    static func group(_ name: String, _ summary: String, _ commands: [Command]) -> Command {
        Command(name: name, summary: summary, body: .group(commands))
    }

    /// The commands of a group.
    var commands: [Command] {
        switch body {
        case .group(let commands): commands
        case .action: []
        }
    }

    /// Every command below this one that does something, with the words that lead to it.
    var actions: [(path: [String], action: Action, summary: String)] {
        switch body {
        case .action(let action): [([], action, summary)]
        case .group(let commands):
            commands.flatMap { command in command.actions.map { ([command.name] + $0.path, $0.action, $0.summary) } }
        }
    }
}

/// What a command takes, does and says about itself.
struct Action: Sendable {
    /// What the help says first.
    let description: String
    /// What stands after the options, such as paths.
    let operands: Operands
    let sections: [FormSection]
    /// What else the help lists after the options, such as how keys are written.
    let lists: [HelpList]
    /// What the help says after that.
    let notes: [String]
    /// What each exit code means.
    let exitCodes: [ExitCode: String]
    /// Command lines, each with what it does.
    let examples: [(line: String, does: String)]
    /// Does it, and returns the exit code.
    let run: @Sendable (ArgumentParser.Arguments) async throws -> ExitCode

    /// An action whose options are collected in `Values`.
    ///
    /// - Parameters:
    ///   - values: the values without any option.
    ///   - options: the options, by subject.
    ///   - run: does it, with the values and the operands.
    init<Values: Sendable>(
        description: String,
        operands: Operands,
        values: @escaping @Sendable () -> Values,
        options: [OptionSection<Values>],
        lists: [HelpList] = [],
        notes: [String] = [],
        exitCodes: [ExitCode: String],
        examples: [(line: String, does: String)],
        run: @escaping @Sendable (Values, [Word]) async throws -> ExitCode
    ) {
        self.description = description
        self.operands = operands
        sections = options.map { FormSection(title: $0.title, forms: $0.options.map(\.form)) }
        self.lists = lists
        self.notes = notes
        self.exitCodes = exitCodes
        self.examples = examples
        let all = options.flatMap(\.options)
        self.run = { arguments in
            var values = values()
            for (index, argument) in arguments.options {
                let option = all[index]
                do {
                    try option.apply(&values, argument)
                } catch let error as UsageError {
                    throw UsageError("--\(option.form.name): \(error.text)")
                }
            }
            if let missing = all.indices.first(where: { index in
                all[index].form.isRequired && !arguments.options.contains { $0.index == index }
            }) {
                throw UsageError("\(all[missing].form.spelling) is missing")
            }
            try operands.check(arguments.operands)
            return try await run(values, arguments.operands)
        }
    }

    /// All options' forms, in the order in which a parser numbers them.
    var forms: [OptionForm] { sections.flatMap(\.forms) }
}

/// A list in a help text: forms of something, each with what it is.
struct HelpList: Sendable {
    let title: String
    /// The forms, which may be broken before a comma or a bracket.
    let entries: [(form: String, text: String)]
}

/// What is wrong with the words on the command line.
struct UsageError: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

/// A word on the command line: bytes first, since file names need not be UTF-8.
struct Word: Sendable, Hashable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The word as text.
    ///
    /// - Throws: `UsageError` when it is not UTF-8: as text it would name something else.
    func text() throws -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        throw UsageError("\(shown) is not UTF-8; rename the file or folder")
    }

    /// The word in ASCII, for diagnostics.
    private var shown: String {
        bytes.map { byte in
            if 0x20..<0x7F ~= byte { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "\\x" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }
}

/// The words after the options.
struct Operands: Sendable {
    /// What one is called in the usage line; nil where none is taken.
    let argument: ArgumentForm?
    /// Whether there may be several.
    let isRepeatable: Bool
    /// What an operand names, for the complaint when there is none.
    let meaning: String

    /// No words.
    static let none = Operands(argument: nil, isRepeatable: false, meaning: "")

    static func one(_ argument: ArgumentForm, _ meaning: String) -> Operands {
        Operands(argument: argument, isRepeatable: false, meaning: meaning)
    }

    static func oneOrMore(_ argument: ArgumentForm, _ meaning: String) -> Operands {
        Operands(argument: argument, isRepeatable: true, meaning: meaning)
    }

    var usage: String { argument.map { $0.name + (isRepeatable ? "…" : "") } ?? "" }

    fileprivate func check(_ words: [Word]) throws {
        guard let argument else {
            guard let word = words.first else { return }
            throw UsageError("only options are taken, not '\(SystemPath(bytes: word.bytes))'")
        }
        guard !words.isEmpty else {
            throw UsageError("\(argument.name) is missing" + (meaning.isEmpty ? "" : ": \(meaning)"))
        }
        guard isRepeatable || words.count == 1 else {
            throw UsageError("only one \(argument.name) is taken, not \(words.count)")
        }
    }
}
