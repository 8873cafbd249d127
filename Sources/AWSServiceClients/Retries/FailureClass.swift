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
