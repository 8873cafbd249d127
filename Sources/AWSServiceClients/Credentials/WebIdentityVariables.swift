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
