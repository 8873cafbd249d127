import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ExpirySweepTests {
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

    @Test(
        "the bytes of an expired branch key are overwritten although nobody asks for it again",
        arguments: [
            CacheType.default(), .multiThreaded(entryCapacity: 10),
            .stormTracking(
                try StormTrackingSettings(
                    gracePeriod: .milliseconds(20),
                    graceInterval: .milliseconds(10),
                    inFlightTTL: .milliseconds(20)
                )
            ),
        ]
    )
    func expiredBytesAreOverwritten(cache: CacheType) async throws {
        let store = WatchedBranchKeyStore()
        let keyring = try HierarchicalKeyring(
            keyStore: store,
            branchKeyID: "tenant",
            timeToLive: .milliseconds(50),
            cache: cache
        )
        _ = try await keyring.onEncrypt(Sample.encryptionMaterials())
        while store.overwritten.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(store.overwritten.withLock { $0 } == [[UInt8](repeating: 0, count: 32)])
        withExtendedLifetime(keyring) {}
    }
}

/// Notes what is in the memory of its branch keys when it is given back.
private struct WatchedBranchKeyStore: BranchKeyStore {
    let logicalKeyStoreName = "watched"
    let overwritten = Guarded<[[UInt8]]>([])

    func activeBranchKey(id: String) async throws -> BranchKeyMaterials {
        let memory = SecretBuffer { [overwritten] bytes in
            let copy = bytes.indices.map { bytes[$0] }
            // Of room that was never filled there is nothing to see.
            if !copy.isEmpty { overwritten.withLock { $0.append(Array(copy.prefix(32))) } }
        }
        memory.append([UInt8](repeating: 9, count: 32).span)
        return try BranchKeyMaterials(
            branchKeyID: id,
            version: "00000000-0000-4000-8000-000000000000",
            branchKey: memory.take()
        )
    }

    func branchKey(id: String, version: String) async throws -> BranchKeyMaterials { try await activeBranchKey(id: id) }
}
