/// A cache that keeps nothing.
struct NoCache: CryptographicMaterialsCache {
    func entry(for identifier: CacheIdentifier, notOlderThan maximumAge: Duration) async throws -> CacheEntry? { nil }
    func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {}
    func delete(_ identifier: CacheIdentifier) async {}
}
