/// The time that caches and waits go by: it never jumps, whatever happens to the time of day.
package protocol CacheClock: Sendable {
    /// The time since some moment in the past.
    var now: Duration { get }

    /// Waits.
    ///
    /// - Throws: `CancellationError`.
    func sleep(for duration: Duration) async throws
}
