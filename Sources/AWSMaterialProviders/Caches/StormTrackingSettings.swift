/// How a storm-tracking cache spares the service behind it (framework/storm-tracking-cryptographic-materials-cache.md).
public struct StormTrackingSettings: Sendable, Hashable {
    /// The most entries that are kept.
    public let entryCapacity: Int
    /// How many of the least recently used entries each search looks at for expired ones.
    public let entryPruningTailSize: Int
    /// How long before its expiry an entry is fetched anew, by one caller, while all others still use it.
    public let gracePeriod: Duration
    /// How long a fetch may take before another caller tries as well.
    public let graceInterval: Duration
    /// How many entries may be fetched at the same time.
    public let fanOut: Int
    /// How long a caller waits for a fetch of another one before it gives up.
    public let inFlightTTL: Duration
    /// How often a waiting caller looks.
    public let sleepInterval: Duration

    /// Settings that fit each other.
    ///
    /// - Throws: `invalidConfiguration` for a value that is not positive, for a grace interval above the grace period or the
    ///   in-flight TTL, and for an in-flight TTL above the grace period.
    public init(
        entryCapacity: Int = 1000,
        entryPruningTailSize: Int = 1,
        gracePeriod: Duration = .seconds(10),
        graceInterval: Duration = .seconds(1),
        fanOut: Int = 20,
        inFlightTTL: Duration = .seconds(10),
        sleepInterval: Duration = .milliseconds(20)
    ) throws(EncryptionSDKError) {
        guard entryCapacity >= 0, entryPruningTailSize >= 1, fanOut >= 1,
            [gracePeriod, graceInterval, inFlightTTL, sleepInterval].allSatisfy({ $0 > .zero })
        else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the settings of a storm-tracking cache are all positive; only the capacity may be 0"
            )
        }
        guard graceInterval <= gracePeriod, inFlightTTL <= gracePeriod, graceInterval <= inFlightTTL else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "in a storm-tracking cache, the grace interval is at most the in-flight TTL, and that at most the grace period"
            )
        }
        self.init(
            entryCapacity,
            entryPruningTailSize,
            gracePeriod: gracePeriod,
            graceInterval: graceInterval,
            fanOut: fanOut,
            inFlightTTL: inFlightTTL,
            sleepInterval: sleepInterval
        )
    }

    private init(
        _ entryCapacity: Int,
        _ entryPruningTailSize: Int,
        gracePeriod: Duration,
        graceInterval: Duration,
        fanOut: Int,
        inFlightTTL: Duration,
        sleepInterval: Duration
    ) {
        self.entryCapacity = entryCapacity
        self.entryPruningTailSize = entryPruningTailSize
        self.gracePeriod = gracePeriod
        self.graceInterval = graceInterval
        self.fanOut = fanOut
        self.inFlightTTL = inFlightTTL
        self.sleepInterval = sleepInterval
    }

    /// No fetch before the expiry, and after it one for all callers: what the default cache does, whatever the TTL.
    static func oneFetchAtATime(entryCapacity: Int) throws(EncryptionSDKError) -> StormTrackingSettings {
        guard entryCapacity >= 0 else {
            throw EncryptionSDKError(.invalidConfiguration, "a cache needs an entry capacity of at least 0")
        }
        return StormTrackingSettings(
            entryCapacity,
            1,
            gracePeriod: .zero,
            graceInterval: .seconds(20),
            fanOut: .max,
            inFlightTTL: .seconds(60),
            sleepInterval: .milliseconds(10)
        )
    }
}
