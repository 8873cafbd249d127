internal import ESDKCrypto

/// Credentials of an EC2 instance's role, from the instance metadata service.
struct InstanceMetadataCredentialsProvider: AWSCredentialsProvider {
    private static let rolesPath = "/latest/meta-data/iam/security-credentials/"
    let context: CredentialsContext

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        var session = try await InstanceMetadataService(context: context).session()
        let roles = try await session.get(Self.rolesPath)
        guard roles.status != 404 else { throw error(.notConfigured, "the instance has no role") }
        guard roles.status == 200 else {
            throw error(.failed, "the service answers with status \(roles.status)")
        }
        let role = String(copying: roles.body.span).split { $0 == "\n" || $0 == "\r\n" }.first.map(String.init) ?? ""
        guard !role.isEmpty, role.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }) else {
            throw error(.failed, "the service names no role")
        }
        let response = try await session.get(Self.rolesPath + PercentEncoding.encode(role))
        guard response.status == 200 else {
            throw error(.failed, "the service answers with status \(response.status)")
        }
        return try kept(
            CredentialsDocument.read(
                response.body.span,
                tokenName: "Token",
                source: InstanceMetadataService.source
            )
        )
    }

    /// The credentials, with another end where theirs is near or past.
    ///
    /// When the service cannot renew them it goes on giving the old ones, which AWS accepts for a while: they are used
    /// for 10 to 25 minutes before it is asked again.
    private func kept(_ credentials: AWSCredentials) throws -> AWSCredentials {
        let now = context.clock.now
        guard let end = credentials.expiration, end < now.advanced(bySeconds: 900) else { return credentials }
        let fraction = try RetryDelay.fraction(from: context.random)
        return AWSCredentials(
            accessKeyID: credentials.accessKeyID,
            secretAccessKey: credentials.secretAccessKey,
            sessionToken: credentials.sessionToken,
            expiration: now.advanced(bySeconds: 600 + 900 * fraction)
        )
    }

    private func error(_ code: CredentialsError.Code, _ reason: String) -> CredentialsError {
        CredentialsError(code, source: InstanceMetadataService.source, reason)
    }
}
