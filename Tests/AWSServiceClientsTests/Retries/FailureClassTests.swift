import Testing

@testable import AWSServiceClients

/// Which answers are worth another attempt: each code of each kind, whatever the status; each status without a code.
struct FailureClassTests {
    private static let throttling = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
        "PriorRequestNotComplete", "EC2ThrottledException",
    ]
    private static let transient = [
        "RequestTimeout", "RequestTimeoutException", "IDPCommunicationError", "ReplicatedWriteConflictException",
        "InternalError", "KMSInternalException", "KeyUnavailableException", "DependencyTimeoutException",
        "InternalServerError",
    ]
    private static let clock = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]
    private static let signature = ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"]
    private static let expired = ["ExpiredTokenException", "ExpiredToken"]
    private static let final = [
        "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException",
        "AccessDeniedException", "NotFoundException", "DisabledException", "KMSInvalidStateException",
        "InvalidKeyUsageException", "IncorrectKeyException", "InvalidCiphertextException",
        "InvalidGrantTokenException", "InvalidArnException", "UnsupportedOperationException", "ValidationException",
        "ResourceNotFoundException", "ResourceInUseException", "ConditionalCheckFailedException",
        "TransactionCanceledException", "TransactionConflictException", "IdempotentParameterMismatchException",
        "ItemCollectionSizeLimitExceededException", "SerializationException",
    ]

    @Test(
        arguments: [
            (throttling, .throttling), (transient, .transient), (clock, .clockSkew), (signature, .signature),
            (expired, .expiredCredentials), (final, .final),
        ] as [([String], FailureClass)]
    )
    func aCodeThatIsKnownDecides(codes: [String], expected: FailureClass) {
        for code in codes {
            for status in [400, 403, 404, 409, 429, 500, 503] {
                #expect(FailureClass(code: code, status: status) == expected, "\(code), \(status)")
            }
        }
    }

    @Test(
        arguments: [
            (429, .throttling), (500, .transient), (502, .transient), (503, .transient), (504, .transient),
            (400, .final), (403, .final), (404, .final), (409, .final), (501, .final), (505, .final), (307, .final),
        ] as [(Int, FailureClass)]
    )
    func withoutOneTheStatusDoes(status: Int, expected: FailureClass) {
        #expect(FailureClass(code: "SomethingNew", status: status) == expected)
    }
}
