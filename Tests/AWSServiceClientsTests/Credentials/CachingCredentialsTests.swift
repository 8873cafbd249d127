import ESDKSystem
import TestSupport
import Testing

@testable import AWSServiceClients

@Suite(.timeLimit(.minutes(5)))
struct CachingCredentialsTests {
    private let clock = TestClock()

    /// A source of credentials that last an hour each.
    private func hourly() -> CountingCredentials {
        CountingCredentials { [clock] call in
            CountingCredentials.numbered(call, until: clock.now.advanced(bySeconds: 3600))
        }
    }

    private func id(_ cache: CachingCredentialsProvider, forced: Bool = false) async throws -> String {
        try await cache.credentials(forcesRefresh: forced).accessKeyID
    }

    private func waitForCalls(_ count: Int, of source: CountingCredentials) async throws {
        while source.asked.count < count { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func hundredsOfTasksMakeOneRequest() async throws {
        let source = CountingCredentials { call in
            try await Task.sleep(for: .milliseconds(50))
            return CountingCredentials.numbered(call)
        }
        let cache = CachingCredentialsProvider(source, clock: clock)
        let ids = try await withThrowingTaskGroup { group in
            for _ in 0..<300 { group.addTask { try await cache.credentials(forcesRefresh: false).accessKeyID } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids == ["AK1"])
        #expect(source.asked == [false])
    }

    @Test func aForcedRenewalThatFailsAtOnceIsNotTakenForOneThatSucceeded() async throws {
        // It may be over before the caller waits for it: tried often.
        for _ in 0..<3000 {
            let source = CountingCredentials { call in
                guard call == 1 else { throw CountingCredentials.Refused() }
                return CountingCredentials.numbered(call)
            }
            let cache = CachingCredentialsProvider(source, clock: clock)
            #expect(try await id(cache) == "AK1")
            await #expect(throws: CountingCredentials.Refused.self) { try await id(cache, forced: true) }
        }
    }

    @Test func credentialsWithoutEndAreKept() async throws {
        let source = CountingCredentials { CountingCredentials.numbered($0) }
        let cache = CachingCredentialsProvider(source, clock: clock)
        #expect(try await id(cache) == "AK1")
        clock.advance(by: .seconds(1_000_000))
        #expect(try await id(cache) == "AK1")
    }

    @Test func aQuarterOfAnHourBeforeTheEndOldOnesAreUsedWhileNewOnesAreMade() async throws {
        let source = hourly()
        let cache = CachingCredentialsProvider(source, clock: clock)
        #expect(try await id(cache) == "AK1")
        clock.advance(by: .seconds(2699))
        #expect(try await id(cache) == "AK1")
        #expect(source.asked.count == 1)
        clock.advance(by: .seconds(1))
        #expect(try await id(cache) == "AK1")
        try await waitForCalls(2, of: source)
        while try await id(cache) != "AK2" { await Task.yield() }
        #expect(source.asked.count == 2)
    }

    @Test func tenMinutesBeforeTheEndAllWaitForNewOnes() async throws {
        let source = hourly()
        let cache = CachingCredentialsProvider(source, clock: clock)
        #expect(try await id(cache) == "AK1")
        clock.advance(by: .seconds(3000))
        #expect(try await id(cache) == "AK2")
    }

    @Test func shortLivedOnesAreNotAskedForAllTheTime() async throws {
        let source = CountingCredentials { [clock] call in
            CountingCredentials.numbered(call, until: clock.now.advanced(bySeconds: 60))
        }
        let cache = CachingCredentialsProvider(source, clock: clock)
        for _ in 0..<10 { #expect(try await id(cache) == "AK1") }
        #expect(source.asked.count == 1)
        clock.advance(by: .seconds(50))
        #expect(try await id(cache) == "AK2")
    }

    @Test func whileRenewalFailsOldOnesAreUsedUntilTheyEnd() async throws {
        let source = CountingCredentials { [clock] call in
            guard call == 1 else { throw CountingCredentials.Refused() }
            return CountingCredentials.numbered(call, until: clock.now.advanced(bySeconds: 3600))
        }
        let cache = CachingCredentialsProvider(source, clock: clock)
        #expect(try await id(cache) == "AK1")
        clock.advance(by: .seconds(3100))
        for _ in 0..<5 { #expect(try await id(cache) == "AK1") }
        // The source is left alone for a minute after it failed.
        #expect(source.asked.count == 2)
        clock.advance(by: .seconds(500))
        await #expect(throws: CountingCredentials.Refused.self) { try await cache.credentials(forcesRefresh: false) }
    }

    @Test func aFailureIsNotKept() async throws {
        let source = CountingCredentials { call in
            guard call > 1 else { throw CountingCredentials.Refused() }
            return CountingCredentials.numbered(call)
        }
        let cache = CachingCredentialsProvider(source, clock: clock)
        await #expect(throws: CountingCredentials.Refused.self) { try await cache.credentials(forcesRefresh: false) }
        #expect(try await id(cache) == "AK2")
    }

    @Test func theServicesRefusalForcesNewOnes() async throws {
        let source = hourly()
        let cache = CachingCredentialsProvider(source, clock: clock)
        #expect(try await id(cache) == "AK1")
        #expect(try await id(cache, forced: true) == "AK2")
        #expect(source.asked == [false, true])
    }

    @Test func whoWasRefusedDoesNotGetOldOnesWhenARenewalOfOthersFails() async throws {
        let mayFail = Guarded(false)
        let end = clock.now.advanced(bySeconds: 3600)
        let source = CountingCredentials { call in
            guard call > 1 else { return CountingCredentials.numbered(call, until: end) }
            while !mayFail.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
            throw CountingCredentials.Refused()
        }
        let cache = CachingCredentialsProvider(source, clock: clock)
        #expect(try await id(cache) == "AK1")
        clock.advance(by: .seconds(3000))
        let other = Task { try await cache.credentials(forcesRefresh: false).accessKeyID }
        try await waitForCalls(2, of: source)
        let refused = Task { try await cache.credentials(forcesRefresh: true).accessKeyID }
        // Time to join the renewal that has begun.
        try await Task.sleep(for: .milliseconds(50))
        mayFail.withLock { $0 = true }
        #expect(try await other.value == "AK1")
        await #expect(throws: CountingCredentials.Refused.self) { try await refused.value }
    }

    @Test func whoIsCancelledStopsWaitingAndOthersGetTheirs() async throws {
        let source = CountingCredentials { call in
            try await Task.sleep(for: .milliseconds(200))
            return CountingCredentials.numbered(call)
        }
        let cache = CachingCredentialsProvider(source, clock: clock)
        let first = Task { try await cache.credentials(forcesRefresh: false).accessKeyID }
        try await waitForCalls(1, of: source)
        let second = Task { try await cache.credentials(forcesRefresh: false).accessKeyID }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(try await second.value == "AK1")
        #expect(source.asked.count == 1)
    }
}
