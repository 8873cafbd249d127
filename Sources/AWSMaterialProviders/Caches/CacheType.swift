package import ESDKSystem

/// The cache of a hierarchical keyring (framework/aws-kms/aws-kms-hierarchical-keyring.md, Cache Type).
public enum CacheType: Sendable {
    /// Forgets the least recently used entry when it is full; of many callers who miss an entry, one fetches it.
    case `default`(entryCapacity: Int = 1000)
    /// Keeps nothing.
    case no
    /// Forgets the least recently used entry when it is full.
    ///
    /// Like every cache of this package, it is safe to use from many tasks.
    case singleThreaded(entryCapacity: Int, entryPruningTailSize: Int = 1)
    /// Forgets the least recently used entry when it is full; callers do not wait for each other's fetches.
    case multiThreaded(entryCapacity: Int, entryPruningTailSize: Int = 1)
    /// Fetches entries anew before they expire, each by one caller.
    case stormTracking(StormTrackingSettings)
    /// A cache that other keyrings use too; they share entries when partition id, logical key store name and branch key are
    /// the same.
    case shared(any CryptographicMaterialsCache)

    /// The cache.
    ///
    /// - Throws: `invalidConfiguration`.
    package func makeCache(
        timeToLive: Duration,
        clock: any TimeSource
    ) throws(EncryptionSDKError) -> any CryptographicMaterialsCache {
        switch self {
        case .default(let capacity):
            return StormTrackingCryptographicMaterialsCache(
                try .oneFetchAtATime(entryCapacity: capacity),
                clock: clock
            )
        case .no:
            return NoCache()
        case .singleThreaded(let capacity, let tail), .multiThreaded(let capacity, let tail):
            return try LocalCryptographicMaterialsCache(
                entryCapacity: capacity,
                entryPruningTailSize: tail,
                clock: clock
            )
        case .stormTracking(let settings):
            guard settings.gracePeriod < timeToLive else {
                throw EncryptionSDKError(
                    .invalidConfiguration,
                    "the grace period of a storm-tracking cache must be less than the TTL"
                )
            }
            return StormTrackingCryptographicMaterialsCache(settings, clock: clock)
        case .shared(let cache):
            return cache
        }
    }
}
