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
