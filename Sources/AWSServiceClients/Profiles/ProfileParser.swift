/// Reads a file of settings that AWS tools share, as botocore does where it reads it, and on past what it refuses.
///
/// What cannot be read becomes a problem of its section: a load that needs another section goes on.
package struct ProfileParser {
    /// Which of the two files it is: they name their sections differently.
    package enum Kind {
        /// `~/.aws/config`.
        case config
        /// `~/.aws/credentials`.
        case credentials
    }

    /// The settings of a section by key, in lower case.
    ///
    /// Lines that continue a value follow a line end in it, and so do nested settings, which ``nested(in:)`` reads.
    package typealias Section = [String: String]

    /// A line that cannot be read.
    package struct Problem: Sendable {
        /// The profile that it belongs to; nil outside of profiles.
        let profile: String?
        package let error: ProfileError
    }

    /// The sections that were read.
    package private(set) var profiles: [String: Section] = [:]
    /// The sections `[sso-session NAME]`.
    package private(set) var sessions: [String: Section] = [:]
    /// The sections `[services NAME]`.
    package private(set) var services: [String: Section] = [:]
    /// What could not be read.
    package private(set) var problems: [Problem] = []

    private enum Place {
        case profile(String)
        case session(String)
        case services(String)
        case ignored
    }

    private let kind: Kind
    private let file: String
    private var place: Place?
    private var key: String?
    /// How far the line of the last setting was indented: what is indented further continues it.
    private var indentation = 0
    private var isNesting = false
    /// Whether the file has `[profile default]`, which then displaces `[default]`.
    private var hasPrefixedDefault = false

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: its content, as UTF-8.
    ///   - kind: which of the two files it is.
    ///   - file: its path, for errors.
    package init(_ bytes: [UInt8], kind: Kind, file: String) {
        self.kind = kind
        self.file = file
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4).contains(0) {
            note(nil, "the file is in UTF-16; save it as UTF-8")
            return
        }
        var number = 0
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            var line = part
            if line.last == 0x0D { line = line.dropLast() }
            if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
            guard let text = String(validating: line, as: UTF8.self) else {
                note(number, "the line is not UTF-8")
                continue
            }
            take(text, number: number)
        }
    }

    private mutating func take(_ line: String, number: Int) {
        let content = Self.trimmed(line[...])
        if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { return }
        let depth = line.prefix { $0 == " " || $0 == "\t" }.utf8.count
        if key != nil, depth > indentation {
            continueValue(content, number: number)
            return
        }
        indentation = depth
        if content.hasPrefix("[") {
            openSection(content, number: number)
        } else {
            takeProperty(content, number: number)
        }
    }

    // MARK: - Sections

    private mutating func openSection(_ content: String, number: Int) {
        key = nil
        guard let end = Self.endOfHeader(content) else {
            place = place ?? .ignored
            note(number, "the name of the section does not end with ]")
            return
        }
        let header = Self.trimmed(content[content.index(after: content.startIndex)..<end])
        place = .ignored
        if kind == .credentials {
            open(profile: header, isPrefixed: false)
            return
        }
        let word = String(header.prefix { $0 != " " && $0 != "\t" })
        let rest = Self.trimmed(header.dropFirst(word.count))
        guard !rest.isEmpty else {
            if word == "default" { open(profile: word, isPrefixed: false) }
            return
        }
        // A quoted name is one word of a shell; a name of several words is taken as it stands.
        let words = CommandLineSplitting.words(of: rest)
        let name = words?.count == 1 ? words?.first ?? rest : rest
        switch word {
        case "profile": open(profile: name, isPrefixed: true)
        case "sso-session":
            place = .session(name)
            sessions[name, default: [:]].merge([:]) { $1 }
        case "services":
            place = .services(name)
            services[name, default: [:]].merge([:]) { $1 }
        default: break
        }
    }

    /// Where the name of a section ends: at the last bracket, unless a comment comes before it.
    private static func endOfHeader(_ content: String) -> String.Index? {
        guard let first = content.firstIndex(of: "]") else { return nil }
        let rest = trimmed(content[content.index(after: first)...])
        let isComment = rest.hasPrefix("#") || rest.hasPrefix(";")
        return isComment ? first : content.lastIndex(of: "]")
    }

    private mutating func open(profile name: String, isPrefixed: Bool) {
        guard !name.isEmpty else { return }
        if kind == .config, name == "default" {
            if isPrefixed, !hasPrefixedDefault {
                hasPrefixedDefault = true
                profiles[name] = nil
            } else if !isPrefixed, hasPrefixedDefault {
                return
            }
        }
        place = .profile(name)
        profiles[name, default: [:]].merge([:]) { $1 }
    }

    // MARK: - Settings

    private mutating func takeProperty(_ content: String, number: Int) {
        key = nil
        guard place != nil else {
            note(number, "there is a setting before the first section")
            return
        }
        guard let (name, value) = split(content, number: number) else { return }
        key = name
        isNesting = value.isEmpty
        change { $0[name] = value }
    }

    private mutating func continueValue(_ content: String, number: Int) {
        guard let key else { return }
        if isNesting, split(content, number: number) == nil { return }
        change { $0[key, default: ""] += "\n" + content }
    }

    /// The settings that are nested in a value.
    ///
    /// - Parameter value: the value of the setting that they are nested in.
    /// - Returns: the nested settings by key, in lower case.
    package static func nested(in value: String) -> Section {
        var section: Section = [:]
        for line in value.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            section[trimmed(line[..<equals]).lowercased()] = withoutComment(line[line.index(after: equals)...])
        }
        return section
    }

    private mutating func split(_ content: String, number: Int) -> (name: String, value: String)? {
        guard let end = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            note(number, "there is no = in the setting")
            return nil
        }
        let name = Self.trimmed(content[..<end]).lowercased()
        guard !name.isEmpty else {
            note(number, "there is no name before the =")
            return nil
        }
        let value = content[content.index(after: end)...]
        // To the shell of a command, and to botocore, a comment is part of the command.
        return (name, name == "credential_process" ? Self.trimmed(value) : Self.withoutComment(value))
    }

    private mutating func change(_ body: (inout Section) -> Void) {
        switch place {
        case .profile(let name): body(&profiles[name, default: [:]])
        case .session(let name): body(&sessions[name, default: [:]])
        case .services(let name): body(&services[name, default: [:]])
        case .ignored, nil: break
        }
    }

    private mutating func note(_ line: Int?, _ reason: String) {
        var profile: String?
        if case .profile(let name)? = place { profile = name }
        problems.append(Problem(profile: profile, error: ProfileError(file: file, line: line, reason: reason)))
    }

    /// A value up to a comment, which begins with a blank.
    private static func withoutComment(_ text: Substring) -> String {
        var previous: Character = " "
        for index in text.indices {
            let character = text[index]
            if character == "#" || character == ";", previous == " " || previous == "\t" {
                return trimmed(text[..<index])
            }
            previous = character
        }
        return trimmed(text)
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
