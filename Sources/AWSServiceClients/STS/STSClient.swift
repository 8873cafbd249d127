internal import AWSMaterialProviders
internal import ESDKCrypto

/// AWS Security Token Service, as far as sources of credentials need it.
struct STSClient: Sendable {
    /// The source, for errors.
    let source: String
    let context: CredentialsContext
    /// The region; the endpoint outside all regions when it is nil.
    let region: String?
    /// A URL to call instead of AWS's own endpoints.
    let endpoint: String?

    /// Credentials of a role, for credentials that may assume it.
    ///
    /// - Parameters:
    ///   - role: the role.
    ///   - credentials: what the request is signed with.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func assume(_ role: RoleRequest, with credentials: AWSCredentials) async throws -> AWSCredentials {
        try await call("AssumeRole", parameters(of: role), signedWith: credentials)
    }

    /// Credentials of a role, for the token of an identity provider.
    ///
    /// - Parameters:
    ///   - role: the role.
    ///   - token: the token; the request is not signed.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func assume(_ role: RoleRequest, webIdentityToken token: String) async throws -> AWSCredentials {
        try await call(
            "AssumeRoleWithWebIdentity",
            parameters(of: role) + [("WebIdentityToken", token)],
            confidential: [SecretBytes(Array(token.utf8)), SecretBytes(Array(PercentEncoding.encode(token).utf8))],
            signedWith: nil
        )
    }

    private func parameters(of role: RoleRequest) -> [(String, String)] {
        var parameters = [("RoleArn", role.roleARN), ("RoleSessionName", role.sessionName)]
        if let seconds = role.durationSeconds { parameters.append(("DurationSeconds", String(seconds))) }
        if let id = role.externalID { parameters.append(("ExternalId", id)) }
        return parameters
    }

    private func call(
        _ operation: String,
        _ parameters: [(String, String)],
        confidential: [SecretBytes] = [],
        signedWith credentials: AWSCredentials?
    ) async throws -> AWSCredentials {
        var configuration = AWSClientConfiguration(
            transport: context.transport,
            credentials: StaticCredentialsProvider(credentials ?? AWSCredentials(accessKeyID: "", secretAccessKey: "")),
            region: region ?? "aws-global",
            endpoint: endpoint
        )
        configuration.clock = context.clock
        configuration.random = context.random
        let pairs = [("Action", operation), ("Version", "2011-06-15")] + parameters
        let form = pairs.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        let request = RetryingCaller.Request(
            operation: operation,
            signedFields: [HTTPField("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: SecretBytes(Array(form.utf8)),
            confidential: confidential,
            isSigned: credentials != nil
        )
        do {
            return try await RetryingCaller(.sts, configuration).call(request) {
                (response, _) throws(BrokenResponse) in
                try Self.credentials(in: String(copying: response.body.span))
            }
        } catch let error as AWSServiceError {
            throw CredentialsError(.failed, source: source, error.description)
        }
    }

    private static func credentials(in document: String) throws(BrokenResponse) -> AWSCredentials {
        guard let id = XMLElements.first("AccessKeyId", in: document),
            let secret = XMLElements.first("SecretAccessKey", in: document),
            let token = XMLElements.first("SessionToken", in: document),
            let expiration = XMLElements.first("Expiration", in: document).flatMap(Timestamp.init(iso8601:))
        else { throw BrokenResponse(problem: "the answer has no credentials") }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: token,
            expiration: expiration
        )
    }
}
