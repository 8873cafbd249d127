internal import ESDKSystem

/// Credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
public struct EnvironmentCredentialsProvider: AWSCredentialsProvider {
    private static let source = "environment"
    fileprivate let environment: AWSEnvironment

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
        let id = key("AWS_ACCESS_KEY_ID")
        let secret = key("AWS_SECRET_ACCESS_KEY")
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
            guard let time = Timestamp(text) else {
                throw CredentialsError(
                    .invalidConfiguration,
                    source: Self.source,
                    "AWS_CREDENTIAL_EXPIRATION is not a time"
                )
            }
            expiration = time
        }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: key("AWS_SESSION_TOKEN") ?? key("AWS_SECURITY_TOKEN"),
            expiration: expiration
        )
    }
}

extension EnvironmentCredentialsProvider {
    /// The value of a variable without the line end that comes with what a command printed.
    private func key(_ name: String) -> String? {
        let text = environment[name].map { String($0.split(whereSeparator: \.isWhitespace).joined(separator: " ")) }
        return text?.isEmpty == false ? text : nil
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
        let profiles = AWSProfiles(environment)
        do throws(ProfileError) {
            endpoint = try ConfiguredEndpoints(environment, profiles: profiles, profile: profile)["sts"]
        } catch {
            throw CredentialsError(.invalidConfiguration, source: Self.source, error.description)
        }
        region = region ?? profiles[profile]?["region"]
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
