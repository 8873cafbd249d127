/// The settings of all profiles, from both files.
public struct AWSProfiles: Sendable {
    /// The settings of each profile; those of the credentials file over those of the config file.
    let profiles: [String: [String: String]]
    /// The settings of each `[services NAME]`.
    let services: [String: [String: String]]
    /// Where the settings were looked for, for errors.
    let files: [String]

    /// Reads both files; one that is missing counts as empty.
    ///
    /// - Parameter environment: names them with `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, if they are not at
    ///   their usual places in the folder `.aws` of the home folder.
    /// - Throws: `ProfileError`.
    public init(_ environment: AWSEnvironment) throws(ProfileError) {
        let config = environment.expanded(environment["AWS_CONFIG_FILE"] ?? "~/.aws/config")
        let credentials = environment.expanded(environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "~/.aws/credentials")
        let first = try ProfileParser(Self.read(config), kind: .config, file: config)
        let second = try ProfileParser(Self.read(credentials), kind: .credentials, file: credentials)
        profiles = first.profiles.merging(second.profiles) { $0.merging($1) { $1 } }
        services = first.services
        files = [config, credentials]
    }

    private static func read(_ path: String) throws(ProfileError) -> [UInt8] {
        do throws(SmallFile.Failure) {
            return try SmallFile.read(path)
        } catch {
            switch error {
            case .missing: return []
            case .unreadable(let reason): throw ProfileError(file: path, line: nil, reason: reason)
            }
        }
    }

    /// The settings of a profile; nil when there is no such profile.
    ///
    /// A setting that is empty counts as absent.
    ///
    /// - Parameter name: the profile's name.
    subscript(name: String) -> [String: String]? {
        profiles[name]?.filter { !$0.value.isEmpty }
    }
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
        "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
    }
}
