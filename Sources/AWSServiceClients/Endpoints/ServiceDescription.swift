/// What endpoints and the protocol need to know of a service.
package struct ServiceDescription: Sendable {
    /// The service's name in errors.
    package let name: String
    /// The name in host names, which is also the one that signatures use.
    package let endpointName: String
    /// What precedes the operation in `X-Amz-Target`.
    package let targetPrefix: String
    /// The version of the JSON protocol.
    package let jsonVersion: String
    /// How often a request is sent at most, unless the user says otherwise.
    package let maximumAttempts: Int
    /// The first delay before a request is repeated.
    package let baseDelay: Duration
    /// Whether there is an endpoint outside all regions.
    package let hasGlobalEndpoint: Bool

    /// AWS Key Management Service.
    package static let kms = ServiceDescription(
        name: "KMS",
        endpointName: "kms",
        targetPrefix: "TrentService",
        jsonVersion: "1.1",
        maximumAttempts: 3,
        baseDelay: .milliseconds(50),
        hasGlobalEndpoint: false
    )

    /// Amazon DynamoDB.
    package static let dynamoDB = ServiceDescription(
        name: "DynamoDB",
        endpointName: "dynamodb",
        targetPrefix: "DynamoDB_20120810",
        jsonVersion: "1.0",
        maximumAttempts: 4,
        baseDelay: .milliseconds(25),
        hasGlobalEndpoint: false
    )

    /// AWS Security Token Service, which speaks a different protocol.
    package static let sts = ServiceDescription(
        name: "STS",
        endpointName: "sts",
        targetPrefix: "",
        jsonVersion: "",
        maximumAttempts: 3,
        baseDelay: .milliseconds(50),
        hasGlobalEndpoint: true
    )
}
