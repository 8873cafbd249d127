internal import ESDKSystem
internal import Glibc

/// The variables and the home folder that AWS tools take their settings from.
///
/// An empty variable counts as unset.
public struct AWSEnvironment: Sendable {
    private let variables: [String: String]

    /// An environment of these variables and no others.
    ///
    /// - Parameter variables: names and values.
    public init(_ variables: [String: String]) {
        self.variables = variables
    }

    /// The environment of this process, as it is now.
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
        return AWSEnvironment(variables)
    }

    /// The value of a variable; nil when it is unset or empty.
    ///
    /// - Parameter name: its name.
    package subscript(name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// Whether a variable says true, in whatever case.
    ///
    /// - Parameter name: its name.
    func isTrue(_ name: String) -> Bool {
        self[name]?.lowercased() == "true"
    }

    /// A path in which `~` at the start stands for the home folder.
    ///
    /// - Parameter path: the path.
    func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = self["HOME"] else { return path }
        return home + path.dropFirst()
    }
}

/// Files that are small by nature: settings and tokens.
enum SettingsFile {
    /// The bytes of a file, which may be a pipe.
    ///
    /// - Parameter path: its path.
    /// - Returns: at most 1 MiB.
    /// - Throws: what the system says; `EFBIG` when there are more.
    static func read(_ path: String) throws(SystemError) -> [UInt8] {
        try SystemFile.read(SystemPath(path), limit: 1 << 20)
    }
}
