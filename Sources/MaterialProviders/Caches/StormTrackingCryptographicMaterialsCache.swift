import CryptoPrimitives

/// A cache in memory that lets one caller fetch what many want (framework/storm-tracking-cryptographic-materials-cache.md).
///
/// It may be used by many tasks at once. When an entry is missing, the first caller fetches it and the others wait; when an entry
/// is about to expire, one caller fetches it anew and the others use the old one.
public final class StormTrackingCryptographicMaterialsCache: CryptographicMaterialsCache {
    /// A fetch that is under way.
    ///
    /// Those that wait for it hold it, and learn from it what became of it.
    private final class Flight: Sendable {
        let started: Duration
        let failure = Guarded<(any Error)?>(nil)

        init(started: Duration) { self.started = started }
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
    private let clock: any CacheClock
    private let state: Guarded<State>

    /// An empty cache.
    public convenience init(_ settings: StormTrackingSettings) {
        self.init(settings, clock: SystemCacheClock())
    }

    package init(_ settings: StormTrackingSettings, clock: any CacheClock) {
        self.settings = settings
        self.clock = clock
        let entries = LRUEntries(
            capacity: settings.entryCapacity,
            pruningTailSize: settings.entryPruningTailSize
        )
        state = Guarded(State(entries: entries))
    }

    /// The entry of this identifier; nil for one caller who is to fetch it, while others get the old entry or wait for the new one.
    ///
    /// - Throws: `cacheTimedOut` when another's fetch took longer than the in-flight TTL; the error of a fetch that failed while
    ///   this call waited for it; `CancellationError`.
    public func entry(
        for identifier: CacheIdentifier,
        notOlderThan maximumAge: Duration
    ) async throws -> CacheEntry? {
        let started = clock.now
        var awaited: Flight?
        while true {
            let now = clock.now
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
        if let failure = awaited?.failure.withLock({ $0 }) { return .fail(failure) }
        if flight == nil ? hasRoom(&state, now: now) : isOverdue {
            state.flights[identifier] = Flight(started: now)
            return .fetch
        }
        guard now - started < settings.inFlightTTL else {
            return .fail(
                EncryptionSDKError(
                    .cacheTimedOut,
                    "materials that another task is fetching did not come within \(settings.inFlightTTL)"
                )
            )
        }
        return .wait(for: flight)
    }

    /// Whether one more fetch may begin; fetches that nobody has reported on are forgotten in time.
    private func hasRoom(_ state: inout State, now: Duration) -> Bool {
        guard state.flights.count >= settings.fanOut else { return true }
        state.flights = state.flights.filter { now < $0.value.started + settings.inFlightTTL }
        return state.flights.count < settings.fanOut
    }

    /// Puts materials in, and ends the waiting for them.
    public func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {
        let now = clock.now
        state.withLock { state in
            state.entries.put(
                LRUEntries.Entry(materials: materials, created: now, expiry: now + timeToLive),
                for: identifier
            )
            state.flights[identifier] = nil
        }
    }

    /// Takes an entry out.
    public func delete(_ identifier: CacheIdentifier) async { state.withLock { $0.entries.delete(identifier) } }

    /// Ends the waiting: all who wait fail for the same reason, unless it is a cancellation, after which another one tries.
    public func fetchFailed(for identifier: CacheIdentifier, error: any Error) async {
        guard let flight = state.withLock({ $0.flights.removeValue(forKey: identifier) }) else { return }
        if !(error is CancellationError) { flight.failure.withLock { $0 = error } }
    }
}
