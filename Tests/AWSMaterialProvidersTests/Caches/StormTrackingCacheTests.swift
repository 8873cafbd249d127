import AWSMaterialProviders
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StormTrackingCacheTests {
    private let clock = TestClock(sleepsAdvance: false)

    private func cache(
        fanOut: Int = 20,
        graceInterval: Duration = .seconds(2)
    ) throws -> StormTrackingCryptographicMaterialsCache {
        StormTrackingCryptographicMaterialsCache(
            try StormTrackingSettings(
                gracePeriod: .seconds(10),
                graceInterval: graceInterval,
                fanOut: fanOut,
                inFlightTTL: .seconds(8)
            ),
            clock: clock
        )
    }

    @Test("P21: settings that contradict each other are refused")
    func p21Settings() async {
        let second = Duration.seconds(1)
        await expectError(.invalidConfiguration) {
            _ = try StormTrackingSettings(gracePeriod: second, graceInterval: second * 2, inFlightTTL: second)
        }
        await expectError(.invalidConfiguration) {
            _ = try StormTrackingSettings(gracePeriod: second * 2, graceInterval: second, inFlightTTL: second * 3)
        }
        await expectError(.invalidConfiguration) {
            _ = try StormTrackingSettings(gracePeriod: second * 3, graceInterval: second * 2, inFlightTTL: second)
        }
        await expectError(.invalidConfiguration) { _ = try StormTrackingSettings(fanOut: 0) }
        await expectError(.invalidConfiguration) { _ = try StormTrackingSettings(gracePeriod: .zero) }
        await expectError(.invalidConfiguration) { _ = try StormTrackingSettings(sleepInterval: .zero) }
        await expectError(.invalidConfiguration) { _ = try StormTrackingSettings(entryCapacity: -1) }
    }

    @Test(
        "within the grace period one caller in each grace interval fetches, the others use the old entry",
        .spec(
            "storm-tracking-cryptographic-materials-cache/getcacheentry.1",
            "storm-tracking-cryptographic-materials-cache/getcacheentry.3",
            "storm-tracking-cryptographic-materials-cache/getcacheentry.4",
            "storm-tracking-cryptographic-materials-cache/getcacheentry.5",
            "storm-tracking-cryptographic-materials-cache/getcacheentry.6",
            "storm-tracking-cryptographic-materials-cache/within-grace-period",
            "storm-tracking-cryptographic-materials-cache/within-grace-interval",
            "storm-tracking-cryptographic-materials-cache/in-flight"
        )
    )
    func gracePeriod() async throws {
        let cache = try cache()
        #expect(try await cache.id("a") == nil)
        try await cache.put("a", "old", ttl: .seconds(100))
        clock.advance(by: .seconds(89))
        #expect(try await cache.id("a") == "old")
        clock.advance(by: .seconds(1))
        #expect(try await cache.id("a") == nil)
        #expect(try await cache.id("a") == "old")
        clock.advance(by: .seconds(2))
        #expect(try await cache.id("a") == nil)
        #expect(try await cache.id("a") == "old")
        try await cache.put("a", "new", ttl: .seconds(100))
        #expect(try await cache.id("a") == "new")
        clock.advance(by: .seconds(100))
        #expect(try await cache.id("a") == nil)
    }

    @Test(
        "who misses an entry that another fetches waits for it, and fetches when that takes too long",
        .spec(
            "storm-tracking-cryptographic-materials-cache/getcacheentry.8",
            "storm-tracking-cryptographic-materials-cache/getcacheentry.10",
            "storm-tracking-cryptographic-materials-cache/getcacheentry.11",
            "storm-tracking-cryptographic-materials-cache/putcacheentry"
        )
    )
    func waiting() async throws {
        let cache = try cache()
        #expect(try await cache.id("a") == nil)
        async let waiter = cache.id("a")
        try await cache.put("a", "fetched")
        #expect(try await waiter == "fetched")
        #expect(try await cache.id("b") == nil)
        async let second = cache.id("b")
        clock.advance(by: .seconds(2))
        #expect(try await second == nil)
    }

    @Test("P21: who waits for a fetch that others keep taking over gives up after the in-flight TTL")
    func p21InFlightTTL() async throws {
        let cache = try cache()
        #expect(try await cache.id("a") == nil)
        let waiter = Task { try await cache.id("a") }
        await clock.someoneWaits()
        clock.advance(by: .seconds(8))
        let error = await expectError(.cacheTimedOut) { _ = try await waiter.value }
        #expect(error?.reason.contains("8") == true)
        // Whoever comes now has waited for nothing yet, and takes the overdue fetch over.
        #expect(try await cache.id("a") == nil)
        try await cache.put("a")
        #expect(try await cache.id("a") == "a")
    }

    @Test("P21: a wait that ends just before the in-flight TTL is no failure")
    func p21WithinInFlightTTL() async throws {
        let cache = try cache(graceInterval: .seconds(8))
        #expect(try await cache.id("a") == nil)
        let waiter = Task { try await cache.id("a") }
        await clock.someoneWaits()
        clock.advance(by: .milliseconds(7999))
        try await cache.put("a", "fetched")
        #expect(try await waiter.value == "fetched")
    }

    @Test("P21: a storm-tracking cache never holds more than its capacity either")
    func p21Capacity() async throws {
        let cache = StormTrackingCryptographicMaterialsCache(try StormTrackingSettings(entryCapacity: 3), clock: clock)
        for id in ["a", "b", "c", "d"] { try await cache.put(id) }
        #expect(cache.count == 3)
        #expect(try await cache.id("a") == nil)
        for id in ["b", "c", "d"] { #expect(try await cache.id(id) == id) }
    }

    @Test("within the grace period a failed fetch costs one caller, until the grace interval is over")
    func failureWithinGracePeriod() async throws {
        let cache = try cache()
        try await cache.put("a", "old", ttl: .seconds(10))
        #expect(try await cache.id("a") == nil)
        await cache.fetchFailed(for: CacheIdentifier("a"), error: EncryptionSDKError(.awsUnavailable, "down"))
        for _ in 0..<100 { #expect(try await cache.id("a") == "old") }
        clock.advance(by: .seconds(2))
        #expect(try await cache.id("a") == nil)
        await cache.fetchFailed(for: CacheIdentifier("a"), error: EncryptionSDKError(.awsUnavailable, "down"))
        #expect(try await cache.id("a") == "old")
        // Once the entry is gone, or too old for the caller, nobody is given the error of a fetch that has ended.
        #expect(try await cache.id("a", notOlderThan: .seconds(1)) == nil)
        await cache.fetchFailed(for: CacheIdentifier("a"), error: EncryptionSDKError(.awsUnavailable, "down"))
        clock.advance(by: .seconds(8))
        #expect(try await cache.id("a") == nil)
    }

    @Test("a fetch that nobody reports on gives its place up after the in-flight TTL")
    func abandonedFetch() async throws {
        let cache = try cache(fanOut: 1)
        #expect(try await cache.id("a") == nil)
        let waiter = Task { try await cache.id("b") }
        await clock.someoneWaits()
        // The place of a fetch that nobody reports on is free after the in-flight TTL.
        clock.advance(by: .seconds(8))
        #expect(try await waiter.value == nil)
    }

    @Test(
        "with no room for another fetch, an entry within its grace period is still used",
        .spec("storm-tracking-cryptographic-materials-cache/getcacheentry.2")
    )
    func fanOut() async throws {
        let cache = try cache(fanOut: 1)
        try await cache.put("a", ttl: .seconds(10))
        #expect(try await cache.id("b") == nil)
        #expect(try await cache.id("a") == "a")
        try await cache.put("b")
        #expect(try await cache.id("a") == nil)
    }

    @Test(
        "with no room for another fetch, an overdue one is waited for until there is",
        .spec("storm-tracking-cryptographic-materials-cache/getcacheentry.7")
    )
    func fanOutOfOverdueFetches() async throws {
        let cache = try cache(fanOut: 1)
        #expect(try await cache.id("a") == nil)
        clock.advance(by: .seconds(2))
        let waiter = Task { try await cache.id("a") }
        await clock.someoneWaits()
        clock.advance(by: .milliseconds(5999))
        await clock.someoneWaits(after: clock.sleeps.count)
        clock.advance(by: .milliseconds(1))
        #expect(try await waiter.value == nil)
    }

    @Test("a failed fetch fails those who wait; a cancelled one lets the next of them fetch")
    func failures() async throws {
        let cache = try cache()
        #expect(try await cache.id("a") == nil)
        let waiter = Task { try await cache.id("a") }
        await clock.someoneWaits()
        await cache.fetchFailed(
            for: CacheIdentifier("a"),
            error: EncryptionSDKError(.branchKeyNotFound, "not there")
        )
        await expectError(.branchKeyNotFound) { _ = try await waiter.value }
        #expect(try await cache.id("a") == nil)
        let before = clock.sleeps.count
        let next = Task { try await cache.id("a") }
        await clock.someoneWaits(after: before)
        await cache.fetchFailed(for: CacheIdentifier("a"), error: CancellationError())
        #expect(try await next.value == nil)
    }

    @Test("a cancelled task stops waiting")
    func cancellation() async throws {
        let cache = try cache()
        #expect(try await cache.id("a") == nil)
        let waiter = Task { try await cache.id("a") }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiter.value }
    }
}
