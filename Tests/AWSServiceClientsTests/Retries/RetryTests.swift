import Testing

@testable import AWSServiceClients

/// How long is waited, and what retries cost.
struct RetryDelayTests {
    private func delay(
        _ retry: Int,
        _ failure: FailureClass = .transient,
        base: Duration = .milliseconds(50),
        fraction: Double = 1,
        server: Duration? = nil
    ) -> Duration {
        RetryDelay.delay(retry: retry, failure: failure, base: base, fraction: fraction, serverDelay: server)
    }

    @Test func delaysDoubleUpToTwentySeconds() {
        #expect((0..<5).map { delay($0) } == [50, 100, 200, 400, 800].map { .milliseconds($0) })
        #expect((0..<3).map { delay($0, base: .milliseconds(25)) } == [25, 50, 100].map { .milliseconds($0) })
        #expect((0..<6).map { delay($0, .throttling) } == [1, 2, 4, 8, 16, 20].map { .seconds($0) })
        #expect(delay(1_000_000, .throttling) == .seconds(20))
        // The limit comes before the random fraction.
        #expect(delay(10, .throttling, fraction: 0.5) == .seconds(10))
        #expect(delay(3, fraction: 0) == .zero)
    }

    @Test func whatTheServiceAsksForCountsWithinFiveSecondsOfOurs() {
        #expect(delay(0, .throttling, fraction: 0.5, server: .milliseconds(100)) == .milliseconds(500))
        #expect(delay(0, .throttling, fraction: 0.5, server: .seconds(2)) == .seconds(2))
        #expect(delay(0, .throttling, fraction: 0.5, server: .seconds(60)) == .milliseconds(5500))
    }

    @Test func theAllowanceIsSharedAndRefilled() {
        #expect(RetryDelay.cost(.transient) == 14)
        #expect(RetryDelay.cost(.throttling) == 5)
        let bucket = RetryBucket()
        #expect(bucket.remaining == 500)
        bucket.refund(1)
        #expect(bucket.remaining == 500)
        for _ in 0..<35 { #expect(bucket.take(14)) }
        #expect(bucket.remaining == 10)
        #expect(!bucket.take(14))
        #expect(bucket.remaining == 10)
        #expect(bucket.take(5))
        bucket.refund(14)
        #expect(bucket.remaining == 19)
    }
}

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
