import ESDKCrypto
package import ESDKSystem

// spec: synchronized-local-cryptographic-materials-cache/behaviors
/// A cache in memory that forgets the least recently used entry when it is full
/// (framework/local-cryptographic-materials-cache.md).
///
/// Key material is wiped within about a second of its expiry. The cache may be used by many tasks at once; they do not wait for
/// each other's fetches.
public final class LocalCryptographicMaterialsCache: CryptographicMaterialsCache {
    private let entries: Guarded<LRUEntries>
    private let clock: any TimeSource
    private let sweep: ExpirySweep

    /// An empty cache.
    ///
    /// - Parameters:
    ///   - entryCapacity: the most entries that are kept; not negative.
    ///   - entryPruningTailSize: how many of the least recently used entries each search looks at for expired ones; at least 1.
    /// - Throws: `invalidConfiguration` for values out of range.
    public convenience init(
        entryCapacity: Int,
        entryPruningTailSize: Int = 1
    ) throws(EncryptionSDKError) {
        try self.init(
            entryCapacity: entryCapacity,
            entryPruningTailSize: entryPruningTailSize,
            clock: SystemTimeSource()
        )
    }

    package init(
        entryCapacity: Int,
        entryPruningTailSize: Int = 1,
        clock: any TimeSource
    ) throws(EncryptionSDKError) {
        guard entryCapacity >= 0, entryPruningTailSize >= 1 else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a cache needs an entry capacity of at least 0 and a pruning tail size of at least 1"
            )
        }
        entries = Guarded(LRUEntries(capacity: entryCapacity, pruningTailSize: entryPruningTailSize))
        self.clock = clock
        sweep = ExpirySweep(clock: clock)
    }

    /// How many entries there are, expired ones among them.
    package var count: Int { entries.withLock { $0.count } }

    /// The entry of this identifier that has not expired.
    public func entry(
        for identifier: CacheIdentifier,
        notOlderThan maximumAge: Duration
    ) async throws -> CacheEntry? {
        let now = clock.uptime
        guard let entry = entries.withLock({ $0.entry(for: identifier, now: now) }) else { return nil }
        let age = now - entry.created
        return age <= maximumAge ? CacheEntry(materials: entry.materials, age: age) : nil
    }

    /// Puts materials in.
    public func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {
        let now = clock.uptime
        let entry = LRUEntries.Entry(materials: materials, created: now, expiry: now + timeToLive)
        entries.withLock { $0.put(entry, for: identifier) }
        sweep.schedule(at: entry.expiry) { [weak self] now in
            self?.entries.withLock { $0.removeExpired(now: now) } ?? nil
        }
    }

    /// Takes an entry out.
    public func delete(_ identifier: CacheIdentifier) async { entries.withLock { $0.delete(identifier) } }
}
