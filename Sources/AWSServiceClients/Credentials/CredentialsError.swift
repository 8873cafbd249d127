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
        self.source = source
        self.reason = reason
    }

    /// Source and reason.
    public var description: String { "\(source): \(reason)" }

    /// Whether both errors have the same code.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the code, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
