/// How often, and for how long, a request is tried.
///
/// Requests are repeated as the standard mode of AWS's libraries has it: throttling and transient errors, after delays
/// that grow and are spread at random, out of an allowance that the requests of a client share. There is no other mode.
public struct RetrySettings: Hashable, Sendable {
    /// How often a request is sent at most; 1 for no retries, nil for the service's default (KMS 3, DynamoDB 4).
    public var maximumAttempts: Int?
    /// How long setting up a connection may take.
    public var connectTimeout: Duration
    /// How long one attempt may take, connection and response included.
    public var attemptTimeout: Duration
    /// How long all attempts together, with the waits between them, may take.
    public var operationTimeout: Duration

    /// Settings.
    ///
    /// - Parameters:
    ///   - maximumAttempts: how often a request is sent at most.
    ///   - connectTimeout: how long setting up a connection may take.
    ///   - attemptTimeout: how long one attempt may take.
    ///   - operationTimeout: how long all attempts together may take.
    public init(
        maximumAttempts: Int? = nil,
        connectTimeout: Duration = .milliseconds(3100),
        attemptTimeout: Duration = .seconds(10),
        operationTimeout: Duration = .seconds(30)
    ) {
        self.maximumAttempts = maximumAttempts
        self.connectTimeout = connectTimeout
        self.attemptTimeout = attemptTimeout
        self.operationTimeout = operationTimeout
    }
}
