/// Credentials of a role for the token of an identity provider, which EKS and others keep in a file.
struct WebIdentityCredentialsProvider: AWSCredentialsProvider {
    /// The role, the file of the token, and whom to ask.
    let role: RoleRequest
    let tokenFile: String
    let client: STSClient

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let bytes: [UInt8]
        do throws(SmallFile.Failure) {
            // The file is replaced while we run: it is read for each session.
            bytes = try SmallFile.read(tokenFile)
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
