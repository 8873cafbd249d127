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
