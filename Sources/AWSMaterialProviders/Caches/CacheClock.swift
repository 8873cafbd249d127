/// The time that caches and waits go by: it never jumps, whatever happens to the time of day.
package protocol CacheClock: Sendable {
    /// The time since some moment in the past.
    var now: Duration { get }

    /// Waits.
    ///
    /// - Throws: `CancellationError`.
    func sleep(for duration: Duration) async throws
}

/// The clock of the system, which goes on while the machine sleeps.
package struct SystemCacheClock: CacheClock {
    private static let start = ContinuousClock.now

    /// A clock; all of them agree.
    package init() {}

    /// The time since the first use.
    package var now: Duration { Self.start.duration(to: ContinuousClock.now) }

    /// Waits.
    ///
    /// - Throws: `CancellationError`.
    package func sleep(for duration: Duration) async throws { try await ContinuousClock().sleep(for: duration) }
}
