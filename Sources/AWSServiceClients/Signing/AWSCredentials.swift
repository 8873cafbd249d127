public import ESDKCrypto
public import ESDKSystem

/// What requests are signed with: an access key, temporary or not.
public struct AWSCredentials: Sendable, Equatable {
    /// The id of the access key, which is not secret.
    public let accessKeyID: String
    /// The secret access key as UTF-8.
    public let secretAccessKey: SecretBytes
    /// The session token of temporary credentials as UTF-8.
    public let sessionToken: SecretBytes?
    /// When the credentials end; nil when they do not, or when it is not known.
    public let expiration: Timestamp?

    /// Credentials.
    ///
    /// - Parameters:
    ///   - accessKeyID: the id of the access key.
    ///   - secretAccessKey: the secret access key as UTF-8.
    ///   - sessionToken: the session token of temporary credentials as UTF-8.
    ///   - expiration: when the credentials end.
    public init(
        accessKeyID: String,
        secretAccessKey: SecretBytes,
        sessionToken: SecretBytes? = nil,
        expiration: Timestamp? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    /// Credentials from texts.
    ///
    /// - Parameters:
    ///   - accessKeyID: the id of the access key.
    ///   - secretAccessKey: the secret access key.
    ///   - sessionToken: the session token of temporary credentials.
    ///   - expiration: when the credentials end.
    public init(
        accessKeyID: String,
        secretAccessKey: String,
        sessionToken: String? = nil,
        expiration: Timestamp? = nil
    ) {
        self.init(
            accessKeyID: accessKeyID,
            secretAccessKey: SecretBytes(Array(secretAccessKey.utf8)),
            sessionToken: sessionToken.map { SecretBytes(Array($0.utf8)) },
            expiration: expiration
        )
    }
}

extension AWSCredentials {
    /// The credentials, unless they have ended.
    ///
    /// - Parameters:
    ///   - time: the time of day.
    ///   - source: where they come from, for the error.
    /// - Throws: `CredentialsError` with code `failed`.
    func valid(at time: Timestamp, from source: String) throws(CredentialsError) -> AWSCredentials {
        guard let expiration, expiration <= time else { return self }
        throw CredentialsError(.failed, source: source, "the credentials ended at \(expiration); renew them")
    }
}

extension AWSCredentials: CustomStringConvertible, CustomReflectable {
    /// The id of the access key and the time it ends; never a secret.
    public var description: String {
        let end = expiration.map { ", until \($0)" } ?? ""
        return "access key \(accessKeyID)\(sessionToken == nil ? "" : " (temporary)")\(end)"
    }

    /// A mirror that shows the id of the access key only.
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// Where credentials come from.
public protocol AWSCredentialsProvider: Sendable {
    /// Credentials to sign with now.
    ///
    /// - Parameter forcesRefresh: whether the service has refused the credentials as expired, so that kept ones must
    ///   not be returned again; a source that cannot renew them returns what it has.
    /// - Returns: the credentials.
    /// - Throws: `CredentialsError` when there are none, `CancellationError` when the task was cancelled.
    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials
}

/// Credentials that are given once.
public struct StaticCredentialsProvider: AWSCredentialsProvider {
    private let fixed: AWSCredentials

    /// A source of exactly these credentials.
    ///
    /// - Parameter credentials: the credentials.
    public init(_ credentials: AWSCredentials) {
        fixed = credentials
    }

    /// The credentials.
    ///
    /// - Parameter forcesRefresh: without effect.
    public func credentials(forcesRefresh: Bool) async throws -> AWSCredentials { fixed }
}

/// Why there are no credentials.
public struct CredentialsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    ///
    /// More codes may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// The source is not configured, so that the next one may be asked.
        public static let notConfigured = Code("not configured")
        /// The source is configured, and did not give any credentials.
        public static let failed = Code("failed")
        /// The configuration contradicts itself, or asks for something that is not supported.
        public static let invalidConfiguration = Code("invalid configuration")
    }

    /// What kind of failure it was.
    public let code: Code
    /// The source, such as `environment` or `profile prod`.
    public let source: String
    /// The failure in words, and what can be done about it; free of secrets.
    public let reason: String

    /// An error.
    ///
    /// - Parameters:
    ///   - code: what kind of failure it was.
    ///   - source: the source.
    ///   - reason: the failure in words, free of secrets.
    public init(_ code: Code, source: String, _ reason: String) {
        self.code = code
        self.source = TerminalText.harmless(source)
        self.reason = TerminalText.harmless(reason)
    }

    /// Source and reason.
    public var description: String { "\(source): \(reason)" }

    /// Whether both errors have the same code.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the code, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
