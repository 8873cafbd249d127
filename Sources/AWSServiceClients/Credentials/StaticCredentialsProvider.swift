/// Credentials that are given once.
public struct StaticCredentialsProvider: AWSCredentialsProvider {
    private let fixed: AWSCredentials

    /// A source of exactly these credentials.
    ///
    /// - Parameter credentials: the credentials.
    public init(_ credentials: AWSCredentials) {
        fixed = credentials
    }

    /// The credentials.
    ///
    /// - Parameter forcesRefresh: without effect.
    public func credentials(forcesRefresh: Bool) async throws -> AWSCredentials { fixed }
}
