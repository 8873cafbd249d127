/// Reads the files of settings that AWS tools share.
struct ProfileParser {
    /// Which of the two files it is: they name their sections differently.
    enum Kind {
        /// `~/.aws/config`.
        case config
        /// `~/.aws/credentials`.
        case credentials
    }

    /// The settings of a section by key, in lower case.
    ///
    /// Lines that continue a value follow a line end in it, and so do nested settings, which ``nested(in:)`` reads.
    typealias Section = [String: String]

    /// The sections that were read.
    private(set) var profiles: [String: Section] = [:]
    /// The sections `[sso-session NAME]`.
    private(set) var sessions: [String: Section] = [:]
    /// The sections `[services NAME]`.
    private(set) var services: [String: Section] = [:]

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
    private var isNesting = false
    /// Whether the file has `[profile default]`, which then displaces `[default]`.
    private var hasPrefixedDefault = false

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: its content, as UTF-8.
    ///   - kind: which of the two files it is.
    ///   - file: its path, for errors.
    /// - Throws: `ProfileError`.
    init(_ bytes: [UInt8], kind: Kind, file: String) throws(ProfileError) {
        self.kind = kind
        self.file = file
        var number = 0
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            var line = part
            if line.last == 0x0D { line = line.dropLast() }
            if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
            try take(String(decoding: line, as: UTF8.self), number: number)
        }
    }

    private mutating func take(_ line: String, number: Int) throws(ProfileError) {
        let content = Self.trimmed(line[...])
        if content.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { return }
        if line.hasPrefix(" ") || line.hasPrefix("\t") {
            try continueValue(content, number: number)
        } else if line.hasPrefix("[") {
            try openSection(content, number: number)
        } else {
            try takeProperty(content, number: number)
        }
    }

    private mutating func openSection(_ content: String, number: Int) throws(ProfileError) {
        key = nil
        guard let end = content.firstIndex(of: "]") else {
            throw failure(number, "the name of the section does not end with ]")
        }
        let rest = Self.trimmed(content[content.index(after: end)...])
        guard rest.isEmpty || rest.hasPrefix("#") || rest.hasPrefix(";") else {
            throw failure(number, "there is something after the section's name")
        }
        let words = Self.trimmed(content[content.index(after: content.startIndex)..<end])
            .split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }
        let first = words.first.map(String.init) ?? ""
        guard words.count == 2, let last = words.last else {
            place = .ignored
            if kind == .credentials || first == "default" { open(profile: first, isPrefixed: false) }
            return
        }
        let name = Self.trimmed(last)
        place = .ignored
        guard kind == .config, Self.isName(name) else { return }
        switch first {
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

    private mutating func open(profile name: String, isPrefixed: Bool) {
        place = .ignored
        guard Self.isName(name) else { return }
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

    private mutating func takeProperty(_ content: String, number: Int) throws(ProfileError) {
        guard place != nil else { throw failure(number, "there is a setting before the first section") }
        let (name, value) = try split(content, number: number)
        key = name
        isNesting = value.isEmpty
        if Self.isName(name) { change { $0[name] = value } }
    }

    private mutating func continueValue(_ content: String, number: Int) throws(ProfileError) {
        guard place != nil else { throw failure(number, "there is a setting before the first section") }
        guard let key else { throw failure(number, "the line is indented, and continues no setting") }
        if isNesting { _ = try split(content, number: number) }
        if Self.isName(key) { change { $0[key, default: ""] += "\n" + content } }
    }

    /// The settings that are nested in a value.
    ///
    /// - Parameter value: the value of the setting that they are nested in.
    /// - Returns: the nested settings by key, in lower case.
    static func nested(in value: String) -> Section {
        var section: Section = [:]
        for line in value.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            section[trimmed(line[..<equals]).lowercased()] = withoutComment(line[line.index(after: equals)...])
        }
        return section
    }

    private func split(_ content: String, number: Int) throws(ProfileError) -> (name: String, value: String) {
        guard let equals = content.firstIndex(of: "=") else { throw failure(number, "there is no = in the setting") }
        let name = Self.trimmed(content[..<equals]).lowercased()
        guard !name.isEmpty else { throw failure(number, "there is no name before the =") }
        return (name, Self.withoutComment(content[content.index(after: equals)...]))
    }

    private mutating func change(_ body: (inout Section) -> Void) {
        switch place {
        case .profile(let name): body(&profiles[name, default: [:]])
        case .session(let name): body(&sessions[name, default: [:]])
        case .services(let name): body(&services[name, default: [:]])
        case .ignored, nil: break
        }
    }

    private func failure(_ line: Int, _ reason: String) -> ProfileError {
        ProfileError(file: file, line: line, reason: reason)
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

    private static func isName(_ name: String) -> Bool {
        let others = Array("-_/.%@:+".utf8)
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || others.contains(byte)
            }
    }
}
