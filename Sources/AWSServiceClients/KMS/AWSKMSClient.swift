public import MaterialProviders

/// AWS Key Management Service over its JSON protocol.
///
/// Requests of one client share the transport's connections and an allowance for retries, and may run at the same time.
/// Making a client calls nothing.
public struct AWSKMSClient: KMSClient {
    /// The region that the client calls.
    public let region: String?
    let caller: JSONServiceCaller

    /// A client.
    ///
    /// - Parameter configuration: what it needs to know; the region must be among it.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public init(_ configuration: AWSClientConfiguration) throws {
        _ = try configuration.endpoint(for: .kms)
        region = configuration.region
        caller = JSONServiceCaller(.kms, configuration)
    }
}
