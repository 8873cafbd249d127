/// Credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
public struct EnvironmentCredentialsProvider: AWSCredentialsProvider {
    private static let source = "environment"
    private let environment: AWSEnvironment

    /// A source that reads variables.
    ///
    /// - Parameter environment: the variables.
    public init(_ environment: AWSEnvironment = .current) {
        self.environment = environment
    }

    /// The credentials that the variables hold.
    ///
    /// - Parameter forcesRefresh: without effect.
    /// - Returns: the credentials.
    /// - Throws: `CredentialsError`.
    public func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let id = environment["AWS_ACCESS_KEY_ID"]
        let secret = environment["AWS_SECRET_ACCESS_KEY"]
        guard id != nil || secret != nil else {
            throw CredentialsError(.notConfigured, source: Self.source, "AWS_ACCESS_KEY_ID is not set")
        }
        guard let id, let secret else {
            throw CredentialsError(
                .invalidConfiguration,
                source: Self.source,
                id == nil
                    ? "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not"
                    : "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"
            )
        }
        var expiration: Timestamp?
        if let text = environment["AWS_CREDENTIAL_EXPIRATION"] {
            guard let time = Timestamp(iso8601: text) else {
                throw CredentialsError(
                    .invalidConfiguration,
                    source: Self.source,
                    "AWS_CREDENTIAL_EXPIRATION is no time in ISO 8601"
                )
            }
            expiration = time
        }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: environment["AWS_SESSION_TOKEN"],
            expiration: expiration
        )
    }
}
