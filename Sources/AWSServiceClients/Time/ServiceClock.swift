/// What the clients know of time: tests bring a clock of their own.
public protocol ServiceClock: Sendable {
    /// The time of day, which signatures and the expiry of credentials go by.
    var now: Timestamp { get }

    /// The time since some point in the past, never set back: what time-outs go by.
    var uptime: Duration { get }

    /// Waits.
    ///
    /// - Parameter duration: how long.
    /// - Throws: `CancellationError` as soon as the calling task is cancelled.
    func sleep(for duration: Duration) async throws
}
