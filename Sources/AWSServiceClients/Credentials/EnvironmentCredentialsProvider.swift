internal import ESDKSystem

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

/// Credentials for the web identity token that variables name, as EKS sets them.
struct WebIdentityVariables: AWSCredentialsProvider {
    private static let source = "web identity"
    let context: CredentialsContext
    /// The profile whose endpoint of STS counts.
    let profile: String

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let environment = context.environment
        guard let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"] else {
            throw CredentialsError(
                .notConfigured,
                source: Self.source,
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set"
            )
        }
        guard let role = environment["AWS_ROLE_ARN"] else {
            throw CredentialsError(
                .invalidConfiguration,
                source: Self.source,
                "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not"
            )
        }
        let endpoint: String?
        var region = context.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
        do throws(ProfileError) {
            let profiles = try AWSProfiles(environment)
            endpoint = try ConfiguredEndpoints(environment, profiles: profiles, profile: profile)["sts"]
            region = region ?? profiles[profile]?["region"]
        } catch {
            throw CredentialsError(.invalidConfiguration, source: Self.source, error.description)
        }
        return try await WebIdentityCredentialsProvider(
            role: RoleRequest(
                roleARN: role,
                sessionName: environment["AWS_ROLE_SESSION_NAME"] ?? RoleSessionName.make(context)
            ),
            tokenFile: file,
            client: STSClient(source: Self.source, context: context, region: region, endpoint: endpoint)
        ).credentials(forcesRefresh: false)
    }
}
