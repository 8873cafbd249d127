// spec: cryptographic-materials-cache/time-to-live-ttl, cryptographic-materials-cache/put-cache-entry
// spec: cryptographic-materials-cache/get-cache-entry
/// Keeps materials for a while, so that they are fetched less often (framework/cryptographic-materials-cache.md).
///
/// A caller that gets nil from `entry` fetches the materials, and then calls `put`, or `fetchFailed` if it could not: a cache may
/// make other callers wait for it meanwhile.
public protocol CryptographicMaterialsCache: Sendable {
    /// The entry of this identifier, if there is one that has not expired.
    ///
    /// - Parameters:
    ///   - identifier: what the entry was put under.
    ///   - maximumAge: how old the entry may be; an older one, which was put in with a longer TTL, counts as expired.
    /// - Throws: `EncryptionSDKError` when the entry could not be waited for, or the fetch that this call waited for failed;
    ///   `CancellationError`.
    func entry(for identifier: CacheIdentifier, notOlderThan maximumAge: Duration) async throws -> CacheEntry?

    /// Puts materials in, replacing those that are there.
    ///
    /// - Parameters:
    ///   - materials: the materials.
    ///   - identifier: what they are found by.
    ///   - timeToLive: how long they may be used.
    func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async

    /// Takes an entry out.
    func delete(_ identifier: CacheIdentifier) async

    /// Says that the materials that `entry` did not find could not be fetched.
    func fetchFailed(for identifier: CacheIdentifier, error: any Error) async
}

extension CryptographicMaterialsCache {
    /// Does nothing, which is right for a cache that makes no caller wait.
    public func fetchFailed(for identifier: CacheIdentifier, error: any Error) async {}
}

/// An entry that a cache has found.
public struct CacheEntry: Sendable {
    /// The materials.
    public let materials: CachedMaterials
    /// How long the entry has been in the cache.
    public let age: Duration

    /// An entry of the given parts.
    public init(materials: CachedMaterials, age: Duration) {
        self.materials = materials
        self.age = age
    }
}

/// A cache that keeps nothing.
struct NoCache: CryptographicMaterialsCache {
    func entry(for identifier: CacheIdentifier, notOlderThan maximumAge: Duration) async throws -> CacheEntry? { nil }
    func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {}
    func delete(_ identifier: CacheIdentifier) async {}
}
