internal import ESDKCrypto
import ESDKSystem

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

/// How long to wait before a request is repeated.
enum RetryDelay {
    private static let longest = Duration.seconds(20)
    private static let throttlingBase = Duration.seconds(1)
    private static let longestBeyondOwn = Duration.seconds(5)

    /// What a retry takes from the bucket.
    ///
    /// - Parameter failure: what is to be repeated.
    static func cost(_ failure: FailureClass) -> Int {
        failure == .throttling ? 5 : 14
    }

    /// The delay before a retry.
    ///
    /// - Parameters:
    ///   - retry: how many retries there were before.
    ///   - failure: what is to be repeated.
    ///   - base: the service's first delay.
    ///   - fraction: a random number from 0 to 1.
    ///   - serverDelay: what the service asks for, if it does.
    static func delay(
        retry: Int,
        failure: FailureClass,
        base: Duration,
        fraction: Double,
        serverDelay: Duration?
    ) -> Duration {
        let first = failure == .throttling ? throttlingBase : base
        let own = min(first * Double(1 << min(retry, 20)), longest) * fraction
        guard let serverDelay else { return own }
        return max(own, min(serverDelay, own + longestBeyondOwn))
    }

    /// A random number from 0 to 1.
    ///
    /// - Parameter source: where it comes from.
    /// - Throws: `CryptoError` when there are no random bytes.
    static func fraction(from source: any RandomSource) throws(CryptoError) -> Double {
        let bytes = try source.bytes(4)
        let number = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Double(number) / Double(UInt32.max)
    }
}

/// The allowance for retries that all requests of one client share: a service in trouble is not asked ever more.
final class RetryBucket: Sendable {
    /// How much the bucket holds at the start, and at most.
    static let capacity = 500

    private let level = Guarded(RetryBucket.capacity)

    /// Takes from the bucket.
    ///
    /// - Parameter cost: how much.
    /// - Returns: whether it held that much; otherwise nothing was taken.
    func take(_ cost: Int) -> Bool {
        level.withLock { level in
            guard level >= cost else { return false }
            level -= cost
            return true
        }
    }

    /// Gives back after a success.
    ///
    /// - Parameter amount: what the last retry took, or 1 when there was none.
    func refund(_ amount: Int) {
        level.withLock { $0 = min(Self.capacity, $0 + amount) }
    }

    /// What the bucket holds.
    var remaining: Int { level.withLock { $0 } }
}

/// What can be done about a failed attempt.
enum FailureClass: Hashable, Sendable {
    /// Repeating it changes nothing.
    case final
    /// The service has too much to do: repeat later.
    case throttling
    /// Something broke that may well work next time.
    case transient
    /// The time of the signature is not the service's.
    case clockSkew
    /// The service takes the signature for wrong; a wrong clock is one reason.
    case signature
    /// The credentials have expired.
    case expiredCredentials
}

extension FailureClass {
    /// Classifies the answer of a service: by its code, then by its status, which services do not agree upon.
    ///
    /// - Parameters:
    ///   - code: the error code, without namespace.
    ///   - status: the status of the response.
    init(code: String, status: Int) {
        if let known = Self.known[code] {
            self = known
        } else if status == 429 {
            self = .throttling
        } else {
            self = [500, 502, 503, 504].contains(status) ? .transient : .final
        }
    }

    private static let known: [String: FailureClass] = {
        var table: [String: FailureClass] = [:]
        for code in throttlingCodes { table[code] = .throttling }
        for code in transientCodes { table[code] = .transient }
        for code in ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"] { table[code] = .clockSkew }
        for code in ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"] { table[code] = .signature }
        for code in ["ExpiredTokenException", "ExpiredToken"] { table[code] = .expiredCredentials }
        for code in finalCodes { table[code] = .final }
        return table
    }()

    private static let throttlingCodes = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
        "PriorRequestNotComplete", "EC2ThrottledException",
    ]

    private static let transientCodes = [
        "RequestTimeout", "RequestTimeoutException", "IDPCommunicationError", "ReplicatedWriteConflictException",
        "InternalError", "InternalServerError", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException",
        "KMSInternalException", "KeyUnavailableException", "DependencyTimeoutException",
    ]

    /// Credentials that are wrong, requests that KMS refuses, and requests that DynamoDB refuses.
    private static let finalCodes = [
        "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException",
        "AccessDeniedException", "NotFoundException", "DisabledException", "KMSInvalidStateException",
        "InvalidKeyUsageException", "IncorrectKeyException", "InvalidCiphertextException",
        "InvalidGrantTokenException", "InvalidArnException", "UnsupportedOperationException", "ValidationException",
        "ResourceNotFoundException", "ResourceInUseException", "ConditionalCheckFailedException",
        "TransactionCanceledException", "TransactionConflictException", "IdempotentParameterMismatchException",
        "ItemCollectionSizeLimitExceededException", "SerializationException",
    ]
}
