public import AWSMaterialProviders

/// Amazon DynamoDB over its JSON protocol, as far as a key store needs it.
///
/// Requests of one client share the transport's connections and an allowance for retries, and may run at the same time.
/// Making a client calls nothing.
public struct AWSDynamoDBClient: DynamoDBClient {
    /// The region that the client calls.
    public let region: String?
    let caller: JSONServiceCaller
    let configuration: AWSClientConfiguration

    /// A client.
    ///
    /// - Parameter configuration: what it needs to know; the region must be among it.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public init(_ configuration: AWSClientConfiguration) throws {
        _ = try configuration.endpoint(for: .dynamoDB)
        region = configuration.region
        self.configuration = configuration
        // It serves key stores only, whose requests to KMS say the same.
        caller = JSONServiceCaller(.dynamoDB, configuration, userAgentSuffix: "aws-kms-hierarchy")
    }
}
