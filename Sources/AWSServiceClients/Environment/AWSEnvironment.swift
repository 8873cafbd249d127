internal import ESDKSystem
internal import Glibc

/// The variables and the home folder that AWS tools take their settings from.
///
/// An empty variable counts as unset. Its description shows no value: some are secret.
public struct AWSEnvironment: Sendable {
    private let variables: [String: String]
    /// The home folder where no variable names it.
    private let home: String?

    /// An environment of these variables and no others.
    ///
    /// - Parameter variables: names and values.
    public init(_ variables: [String: String]) {
        self.init(variables, home: nil)
    }

    private init(_ variables: [String: String], home: String?) {
        self.variables = variables
        self.home = home
    }

    /// The environment of this process, as it is now; without `HOME`, the home folder is that of the user database.
    public static var current: AWSEnvironment {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            unsafe entry += 1
        }
        return AWSEnvironment(variables, home: UserDatabase.home(of: nil))
    }

    /// The value of a variable; nil when it is unset or empty.
    ///
    /// - Parameter name: its name.
    package subscript(name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// The profile that the variables name; nil for the default one.
    var profile: String? { self["AWS_DEFAULT_PROFILE"] ?? self["AWS_PROFILE"] }

    /// Whether a variable says true, in whatever case.
    ///
    /// - Parameter name: its name.
    func isTrue(_ name: String) -> Bool {
        self[name]?.lowercased() == "true"
    }

    /// A path in which variables are replaced, and `~` at the start by the home folder, as AWS tools do.
    ///
    /// - Parameter path: the path.
    package func expanded(_ path: String) -> String {
        let path = replacingVariables(in: path)
        guard path.hasPrefix("~") else { return path }
        let user = path.dropFirst().prefix { $0 != "/" }
        let folder = user.isEmpty ? self["HOME"] ?? home : UserDatabase.home(of: String(user))
        guard let folder else { return path }
        return folder + path.dropFirst(user.count + 1)
    }

    /// The text with `$NAME` and `${NAME}` replaced, where there is such a variable.
    private func replacingVariables(in text: String) -> String {
        var output = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            output += rest[..<dollar]
            let after = rest[rest.index(after: dollar)...]
            let isBraced = after.first == "{"
            let name =
                isBraced
                ? after.dropFirst().prefix { $0 != "}" }
                : after.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            let end = isBraced && name.endIndex < after.endIndex ? after.index(after: name.endIndex) : name.endIndex
            if let value = variables[String(name)], !isBraced || name.endIndex < after.endIndex {
                output += value
                rest = after[end...]
            } else {
                output += "$"
                rest = after
            }
        }
        return output + rest
    }
}

extension AWSEnvironment: CustomStringConvertible, CustomReflectable {
    /// How many variables there are, without their values.
    public var description: String { "\(variables.count) variables" }

    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The users of this machine.
private enum UserDatabase {
    /// The home folder of a user.
    ///
    /// - Parameter name: the user's name; nil for the user that this process runs as.
    static func home(of name: String?) -> String? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>? = nil
        var buffer = [CChar](repeating: 0, count: 16_384)
        if let name {
            unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found)
        } else {
            unsafe getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found)
        }
        guard let folder = unsafe found?.pointee.pw_dir else { return nil }
        let text = unsafe String(cString: folder)
        return text.isEmpty ? nil : text
    }
}

/// Files that are small by nature: settings and tokens.
enum SettingsFile {
    /// The bytes of a file, which may be a pipe.
    ///
    /// - Parameter path: its path.
    /// - Returns: at most 64 MiB.
    /// - Throws: what the system says; `EFBIG` when there are more.
    static func read(_ path: String) throws(SystemError) -> [UInt8] {
        try SystemFile.read(SystemPath(path), limit: 64 << 20)
    }
}

/// Splits a command line as a shell does, without running one: nothing is expanded.
enum CommandLineSplitting {
    /// The words of a command line.
    ///
    /// Blanks separate words, quotation marks of both kinds hold them together, and a backslash takes the next
    /// character as it is; within double quotation marks only before `"`, `\`, `$` and a backquote, within single ones never.
    ///
    /// - Parameter line: the command line.
    /// - Returns: nil when a quotation is not closed, or nothing follows a backslash.
    static func words(of line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = line[...]
        while let character = rest.popFirst() {
            switch (quote, character) {
            case (nil, " "), (nil, "\t"), (nil, "\n"):
                if let finished = word { words.append(finished) }
                word = nil
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (nil, "\\"):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            case ("\"", "\\"):
                guard let next = rest.popFirst() else { return nil }
                let isSpecial = next == "\"" || next == "\\" || next == "$" || next == "`"
                word = (word ?? "") + (isSpecial ? "" : "\\") + String(next)
            case (let open?, _) where character == open:
                quote = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        return words
    }
}
