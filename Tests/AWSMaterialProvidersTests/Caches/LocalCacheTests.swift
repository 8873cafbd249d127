import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// A branch key that tests tell by its id.
func branchKey(_ id: String, for identifier: CacheIdentifier) throws -> CachedMaterials {
    let key = try BranchKeyMaterials(
        branchKeyID: id,
        version: "00000000-0000-4000-8000-000000000000",
        branchKey: SecretBytes([UInt8](repeating: 1, count: 32))
    )
    return CachedMaterials(.branchKey(key), for: identifier)
}

extension CryptographicMaterialsCache {
    /// The id of the branch key under `identifier`.
    func id(_ identifier: String, notOlderThan age: Duration = .seconds(1000)) async throws -> String? {
        let identifier = CacheIdentifier(identifier)
        let materials = try await entry(for: identifier, notOlderThan: age)?.materials
        guard case .branchKey(let key)? = materials?.content(for: identifier) else { return nil }
        return key.branchKeyID
    }

    func put(_ identifier: String, _ id: String? = nil, ttl: Duration = .seconds(100)) async throws {
        let key = CacheIdentifier(identifier)
        await put(try branchKey(id ?? identifier, for: key), for: key, timeToLive: ttl)
    }
}

extension CacheIdentifier {
    init(_ text: String) { self.init(Array(text.utf8)) }
}

@Suite struct LocalCacheTests {
    private let clock = TestClock(sleepsAdvance: false)

    @Test("P20: an entry is not returned once its TTL is over")
    func p20Expiry() async throws {
        let cache = try LocalCryptographicMaterialsCache(entryCapacity: 10, clock: clock)
        try await cache.put("a", ttl: .seconds(10))
        clock.advance(by: .milliseconds(9999))
        #expect(try await cache.id("a") == "a")
        clock.advance(by: .milliseconds(1))
        #expect(try await cache.id("a") == nil)
        #expect(cache.count == 0)
    }

    @Test("P21: a cache never holds more than its capacity; the least recently used entry goes")
    func p21Capacity() async throws {
        let cache = try LocalCryptographicMaterialsCache(entryCapacity: 3, clock: clock)
        for id in ["a", "b", "c"] { try await cache.put(id) }
        #expect(try await cache.id("a") == "a")
        try await cache.put("d")
        #expect(cache.count == 3)
        #expect(try await cache.id("b") == nil)
        for id in ["a", "c", "d"] { #expect(try await cache.id(id) == id) }
        for number in 0..<1000 {
            try await cache.put("\(number)")
            #expect(cache.count == 3)
        }
        for id in ["997", "998", "999"] { #expect(try await cache.id(id) == id) }
        let none = try LocalCryptographicMaterialsCache(entryCapacity: 0, clock: clock)
        try await none.put("a")
        #expect(none.count == 0)
        #expect(try await none.id("a") == nil)
    }

    @Test(
        "a search takes expired entries out of the tail, as many as the tail is long",
        .spec(
            "local-cryptographic-materials-cache/get-cache-entry.1",
            "local-cryptographic-materials-cache/pruning.1",
            "local-cryptographic-materials-cache/entry-pruning-tail-size.1"
        )
    )
    func pruning() async throws {
        let cache = try LocalCryptographicMaterialsCache(entryCapacity: 10, entryPruningTailSize: 2, clock: clock)
        for id in ["a", "b", "c"] { try await cache.put(id, ttl: .seconds(10)) }
        try await cache.put("d", ttl: .seconds(100))
        clock.advance(by: .seconds(10))
        #expect(try await cache.id("d") == "d")
        #expect(cache.count == 2)
        #expect(try await cache.id("d") == "d")
        #expect(cache.count == 1)
    }

    @Test("putting again replaces, deleting takes out", .spec("cryptographic-materials-cache/put-cache-entry.1"))
    func replaceAndDelete() async throws {
        let cache = try LocalCryptographicMaterialsCache(entryCapacity: 2, clock: clock)
        try await cache.put("a", "first")
        try await cache.put("b")
        try await cache.put("a", "second")
        #expect(cache.count == 2)
        #expect(try await cache.id("a") == "second")
        await cache.delete(CacheIdentifier("a"))
        await cache.delete(CacheIdentifier("a"))
        #expect(try await cache.id("a") == nil)
        #expect(try await cache.id("b") == "b")
    }

    @Test("an entry that is older than the caller allows counts as expired, and stays for others")
    func maximumAge() async throws {
        let cache = try LocalCryptographicMaterialsCache(entryCapacity: 2, clock: clock)
        try await cache.put("a")
        clock.advance(by: .seconds(10))
        #expect(try await cache.id("a", notOlderThan: .seconds(9)) == nil)
        #expect(try await cache.id("a", notOlderThan: .seconds(10)) == "a")
    }
}
