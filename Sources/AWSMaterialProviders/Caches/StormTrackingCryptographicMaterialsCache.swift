import ESDKCrypto
package import ESDKSystem

/// A cache in memory that lets one caller fetch what many want (framework/storm-tracking-cryptographic-materials-cache.md).
///
/// Key material is wiped within about a second of its expiry. The cache may be used by many tasks at once. When an entry is missing, the first caller fetches it and the others wait; when an entry
/// is about to expire, one caller fetches it anew and the others use the old one.
public final class StormTrackingCryptographicMaterialsCache: CryptographicMaterialsCache {
    /// A fetch that is under way.
    ///
    /// Those that wait for it hold it, and learn from it what became of it.
    private final class Flight: Sendable {
        let started: Duration
        private let end = Guarded<(any Error)?>(nil)

        init(started: Duration) { self.started = started }

        /// Why it has ended without materials; nil while it is under way.
        var failure: (any Error)? { end.withLock { $0 } }

        func fail(_ error: any Error) { end.withLock { $0 = error } }
    }

    private struct State: Sendable {
        var entries: LRUEntries
        var flights: [CacheIdentifier: Flight] = [:]
    }

    private enum Decision {
        case found(CacheEntry)
        case fetch
        case wait(for: Flight?)
        case fail(any Error)
    }

    private let settings: StormTrackingSettings
    private let clock: any TimeSource
    private let sweep: ExpirySweep
    private let state: Guarded<State>

    /// An empty cache.
    public convenience init(_ settings: StormTrackingSettings) {
        self.init(settings, clock: SystemTimeSource())
    }

    package init(_ settings: StormTrackingSettings, clock: any TimeSource) {
        self.settings = settings
        self.clock = clock
        sweep = ExpirySweep(clock: clock)
        let entries = LRUEntries(
            capacity: settings.entryCapacity,
            pruningTailSize: settings.entryPruningTailSize
        )
        state = Guarded(State(entries: entries))
    }

    /// How many entries there are, expired ones among them.
    package var count: Int { state.withLock { $0.entries.count } }

    /// The entry of this identifier; nil for one caller, which then fetches it; others get the old entry or wait for the new one.
    ///
    /// - Throws: `cacheTimedOut` when another's fetch took longer than the in-flight TTL; the error of a fetch that failed while
    ///   this call waited for it; `CancellationError`.
    public func entry(
        for identifier: CacheIdentifier,
        notOlderThan maximumAge: Duration
    ) async throws -> CacheEntry? {
        let started = clock.uptime
        var awaited: Flight?
        while true {
            let now = clock.uptime
            let decision = state.withLock { state in
                decide(&state, identifier, maximumAge: maximumAge, now: now, waitingSince: started, for: awaited)
            }
            switch decision {
            case .found(let entry): return entry
            case .fetch: return nil
            case .fail(let error): throw error
            case .wait(let flight):
                awaited = flight
                try await clock.sleep(for: settings.sleepInterval)
            }
        }
    }

    // spec: storm-tracking-cryptographic-materials-cache/getcacheentry
    // spec: storm-tracking-cryptographic-materials-cache/in-flight
    // spec: storm-tracking-cryptographic-materials-cache/within-grace-period
    // spec: storm-tracking-cryptographic-materials-cache/within-grace-interval
    private func decide(
        _ state: inout State,
        _ identifier: CacheIdentifier,
        maximumAge: Duration,
        now: Duration,
        waitingSince started: Duration,
        for awaited: Flight?
    ) -> Decision {
        let flight = state.flights[identifier]
        let isOverdue = flight.map { now >= $0.started + settings.graceInterval } ?? true
        if let entry = state.entries.entry(for: identifier, now: now), now - entry.created <= maximumAge {
            let found = Decision.found(CacheEntry(materials: entry.materials, age: now - entry.created))
            let expiry = min(entry.expiry, entry.created + maximumAge)
            guard expiry - settings.gracePeriod <= now, settings.gracePeriod > .zero, isOverdue else { return found }
            guard hasRoom(&state, now: now) else { return found }
            state.flights[identifier] = Flight(started: now)
            return .fetch
        }
        // A cancellation of the other caller is not a failure of this one.
        if let failure = awaited?.failure, !(failure is CancellationError) { return .fail(failure) }
        // A failed fetch is over for callers that have no old entry to use.
        let isUnderWay = flight != nil && flight?.failure == nil
        let hasWaitedLongEnough = now - started >= settings.inFlightTTL
        if isUnderWay, hasWaitedLongEnough { return .fail(timedOut) }
        // While as many fetches are under way as may be, not even an overdue one is made again.
        if hasRoom(&state, now: now), !isUnderWay || isOverdue {
            state.flights[identifier] = Flight(started: now)
            return .fetch
        }
        return hasWaitedLongEnough ? .fail(timedOut) : .wait(for: isUnderWay ? flight : nil)
    }

    private var timedOut: EncryptionSDKError {
        EncryptionSDKError(
            .cacheTimedOut,
            "materials that other tasks are fetching did not come within \(settings.inFlightTTL)"
        )
    }

    /// Whether one more fetch may begin; fetches that have failed, or have not been reported on in time, are forgotten.
    private func hasRoom(_ state: inout State, now: Duration) -> Bool {
        guard state.flights.count >= settings.fanOut else { return true }
        state.flights = state.flights.filter { _, flight in
            now < flight.started + settings.inFlightTTL && flight.failure == nil
        }
        return state.flights.count < settings.fanOut
    }

    // spec: storm-tracking-cryptographic-materials-cache/putcacheentry
    /// Puts materials in, and ends the waiting for them.
    public func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {
        let now = clock.uptime
        state.withLock { state in
            state.entries.put(
                LRUEntries.Entry(materials: materials, created: now, expiry: now + timeToLive),
                for: identifier
            )
            state.flights[identifier] = nil
        }
        sweep.schedule(at: now + timeToLive) { [weak self] now in
            self?.state.withLock { $0.entries.removeExpired(now: now) } ?? nil
        }
    }

    /// Takes an entry out.
    public func delete(_ identifier: CacheIdentifier) async { state.withLock { $0.entries.delete(identifier) } }

    /// Ends the waiting: every waiting caller fails for the same reason, unless it is a cancellation, after which one of them fetches.
    ///
    /// While there is an entry to use meanwhile, the next try is made when the grace interval is over.
    public func fetchFailed(for identifier: CacheIdentifier, error: any Error) async {
        let now = clock.uptime
        state.withLock { state in
            guard let flight = state.flights[identifier] else { return }
            flight.fail(error)
            guard error is CancellationError || !state.entries.isLive(identifier, now: now) else { return }
            state.flights[identifier] = nil
        }
    }
}

// spec: storm-tracking-cryptographic-materials-cache/consistency
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

    /// No fetch before the expiry, and after it one for all callers: what the default cache does for any TTL.
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
