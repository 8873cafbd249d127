internal import ESDKSystem

/// The settings of all profiles, from both files.
///
/// Its description shows no setting: some are secret.
public struct AWSProfiles: Sendable {
    /// The settings of each profile; those of the credentials file over those of the config file.
    let profiles: [String: [String: String]]
    /// The settings of each profile that come from the credentials file.
    let credentials: [String: [String: String]]
    /// The settings of each `[services NAME]`.
    let services: [String: [String: String]]
    /// Where the settings were looked for, for errors.
    let files: [String]
    /// What could not be read.
    private let problems: [ProfileParser.Problem]

    /// Reads both files.
    ///
    /// A file that is missing, or that cannot be read, counts as empty; what cannot be understood is an error only for
    /// those who need it.
    ///
    /// - Parameter environment: names them with `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, if they are not at
    ///   their usual places in the folder `.aws` of the home folder.
    public init(_ environment: AWSEnvironment) {
        let config = environment.expanded(environment["AWS_CONFIG_FILE"] ?? "~/.aws/config")
        let credentials = environment.expanded(environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "~/.aws/credentials")
        var problems: [ProfileParser.Problem] = []
        func parse(_ path: String, _ kind: ProfileParser.Kind) -> ProfileParser {
            var bytes: [UInt8] = []
            do throws(SystemError) { bytes = try SettingsFile.read(path) } catch {
                if !error.isMissingFile {
                    let failure = ProfileError(file: path, line: nil, reason: error.reason)
                    problems.append(ProfileParser.Problem(profile: nil, error: failure))
                }
            }
            let parser = ProfileParser(bytes, kind: kind, file: path)
            problems += parser.problems
            return parser
        }
        let first = parse(config, .config)
        let second = parse(credentials, .credentials)
        profiles = first.profiles.merging(second.profiles) { $0.merging($1) { $1 } }
        self.credentials = second.profiles
        services = first.services
        files = [config, credentials]
        self.problems = problems
    }

    /// The settings of a profile, as far as they could be read; nil when there is no such profile.
    ///
    /// A setting that is empty counts as absent.
    ///
    /// - Parameter name: the profile's name.
    subscript(name: String) -> [String: String]? {
        profiles[name]?.filter { !$0.value.isEmpty }
    }

    /// What is wrong with a profile: a line of it that cannot be read or, where it was not found, a file.
    ///
    /// - Parameter name: the profile's name.
    func problem(with name: String) -> ProfileError? {
        let own = problems.first { $0.profile == name }
        return (own ?? (profiles[name] == nil ? problems.first { $0.profile == nil } : nil))?.error
    }

    /// What to add to the words for something that was not found, since it may be in a file that could not be read.
    var unreadFiles: String {
        problems.filter { $0.profile == nil }.map { " (\($0.error))" }.joined()
    }

    /// Why a profile that is named is not there.
    ///
    /// - Parameter name: the profile's name.
    func missing(_ name: String) -> String {
        "there is no such profile in \(files.joined(separator: " and "))\(unreadFiles)"
    }
}

extension AWSProfiles: CustomStringConvertible, CustomReflectable {
    /// The names of the files, without their settings.
    public var description: String { "profiles in \(files.joined(separator: " and "))" }

    /// A mirror that shows the names of the files only.
    public var customMirror: Mirror { Mirror(self, children: ["files": files]) }
}

/// Why a file of settings cannot be read.
public struct ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's path.
    public let file: String
    /// The line, from 1; nil when the file as a whole is meant.
    public let line: Int?
    /// What is wrong, without any value of the file.
    public let reason: String

    /// File, line and reason.
    public var description: String {
        TerminalText.harmless("\(file)\(line.map { ":\($0)" } ?? ""): \(reason)")
    }
}
