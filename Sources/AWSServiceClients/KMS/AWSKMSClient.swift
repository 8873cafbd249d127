public import MaterialProviders

/// AWS Key Management Service over its JSON protocol.
///
/// Requests of one client share the transport's connections and an allowance for retries, and may run at the same time.
/// Making a client calls nothing.
public struct AWSKMSClient: KMSClient {
    /// The region that the client calls.
    public let region: String?
    let caller: JSONServiceCaller
    private let configuration: AWSClientConfiguration

    /// A client.
    ///
    /// - Parameter configuration: what it needs to know; the region must be among it.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public init(_ configuration: AWSClientConfiguration) throws {
        _ = try configuration.endpoint(for: .kms)
        self.init(checked: configuration, purpose: nil)
    }

    private init(checked configuration: AWSClientConfiguration, purpose: String?) {
        region = configuration.region
        self.configuration = configuration
        caller = JSONServiceCaller(.kms, configuration, userAgentSuffix: purpose)
    }

    /// A client like this one, with an allowance for retries of its own.
    ///
    /// - Parameter purpose: what its requests are part of, for the field `User-Agent`.
    /// - Returns: the client.
    public func identified(as purpose: String) -> any KMSClient {
        Self(checked: configuration, purpose: purpose)
    }
}
