import AWSMaterialProviders
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ExpirySweepTests {
    @Test(
        "expired key material leaves the cache although nobody asks for it again",
        .spec("cryptographic-materials-cache/background-processing.1"),
        arguments: [false, true]
    )
    func expiredKeysLeave(tracksStorms: Bool) async throws {
        let local = try LocalCryptographicMaterialsCache(entryCapacity: 10)
        let storm = StormTrackingCryptographicMaterialsCache(try StormTrackingSettings())
        let cache: any CryptographicMaterialsCache = tracksStorms ? storm : local
        func count() -> Int { tracksStorms ? storm.count : local.count }
        try await cache.put("long", ttl: .seconds(1000))
        try await cache.put("short", ttl: .milliseconds(10))
        try await cache.put("next", ttl: .milliseconds(1500))
        #expect(count() == 3)
        // When the first is gone, the next one is waited for; and one that comes to expire sooner is not kept waiting.
        while count() > 1 { try await Task.sleep(for: .milliseconds(20)) }
        try await cache.put("later", ttl: .milliseconds(10))
        while count() > 1 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await cache.id("long") == "long")
    }
}
