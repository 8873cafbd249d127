internal import AWSMaterialProviders
internal import ESDKCrypto
internal import ESDKSystem

/// Credentials of a role for the token of an identity provider, which EKS and others keep in a file.
struct WebIdentityCredentialsProvider: AWSCredentialsProvider {
    /// The role, the file of the token, and whom to ask.
    let role: RoleRequest
    let tokenFile: String
    let client: STSClient

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let bytes: [UInt8]
        do throws(SystemError) {
            // The file is replaced while we run: it is read for each session.
            bytes = try SettingsFile.read(tokenFile)
        } catch {
            throw CredentialsError(
                .failed,
                source: client.source,
                "the file of the web identity token, \(tokenFile), cannot be read"
            )
        }
        let token = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }.joined()
        guard !token.isEmpty else {
            throw CredentialsError(.failed, source: client.source, "the web identity token in \(tokenFile) is empty")
        }
        return try await client.assume(role, webIdentityToken: token)
    }
}

/// Names for sessions that the user has not named.
enum RoleSessionName {
    /// A name that tells sessions apart by their time.
    ///
    /// - Parameter context: the time.
    static func make(_ context: CredentialsContext) -> String {
        "aws-encryption-sdk-swift-\(Int(context.clock.now.secondsSinceEpoch * 1000))"
    }
}

/// A role to assume.
struct RoleRequest: Sendable {
    /// The role's ARN.
    let roleARN: String
    /// The name of the session, 2 to 64 characters.
    let sessionName: String
    /// How long the session lasts, in seconds; nil for the role's default.
    var durationSeconds: Int?
    /// What the role's owner asks of third parties.
    var externalID: String?
    /// The device whose code the role asks for.
    var mfaSerial: String?
    /// Whether the user has named the session.
    var hasGivenName = false
}

/// AWS Security Token Service, as far as sources of credentials need it.
package struct STSClient: Sendable {
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
    ///   - mfaCode: the code that the role's device shows.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func assume(
        _ role: RoleRequest,
        with credentials: AWSCredentials,
        mfaCode: String? = nil
    ) async throws -> AWSCredentials {
        var parameters = parameters(of: role)
        if let device = role.mfaSerial { parameters.append(("SerialNumber", device)) }
        if let mfaCode { parameters.append(("TokenCode", mfaCode)) }
        return try await call("AssumeRole", parameters, signedWith: credentials)
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

    /// The credentials in an answer.
    package static func credentials(in document: String) throws(BrokenResponse) -> AWSCredentials {
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
