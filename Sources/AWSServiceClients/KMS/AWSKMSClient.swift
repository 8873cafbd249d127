public import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

/// AWS Key Management Service over its JSON protocol.
///
/// Requests of one client share the transport's connections and an allowance for retries, and may run at the same time.
/// Making a client calls nothing.
public struct AWSKMSClient: KMSClient {
    /// The region that the client calls.
    public let region: String?
    private let caller: JSONServiceCaller
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

    /// Calls an operation.
    ///
    /// - Parameters:
    ///   - operation: its name.
    ///   - input: the members of the request, without grant tokens.
    ///   - grantTokens: the grant tokens; they give rights to whoever has them, and appear in no error.
    ///   - secret: one more member, bytes that are sent as Base64.
    /// - Returns: the answer.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    func call(
        _ operation: String,
        _ input: JSONObject,
        grantTokens: [String],
        secret: (name: String, value: SecretBytes)? = nil
    ) async throws -> JSONAnswer {
        var input = input
        input.add(grantTokens: grantTokens)
        return try await caller.call(
            operation,
            input,
            secret: secret,
            confidential: grantTokens.map { SecretBytes(Array($0.utf8)) }
        )
    }
}
