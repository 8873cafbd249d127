internal import Glibc

/// What tells the time: a test brings its own.
public protocol TimeSource: Sendable {
    /// The time of day, which signatures, the expiry of credentials and records of branch keys go by.
    var now: Timestamp { get }

    /// The time since some moment in the past, which goes on while the machine sleeps and is never set back: what
    /// time-outs and caches go by.
    var uptime: Duration { get }

    /// Waits.
    ///
    /// - Parameter duration: how long.
    /// - Throws: `CancellationError` as soon as the calling task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The clocks of the system.
public struct SystemTimeSource: TimeSource {
    /// The clocks; all values are the same.
    public init() {}

    /// The time of day.
    public var now: Timestamp {
        let time = Self.read(CLOCK_REALTIME)
        return Timestamp(microsecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// The time since the machine started.
    public var uptime: Duration {
        let time = Self.read(CLOCK_BOOTTIME)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Waits.
    ///
    /// - Parameter duration: how long.
    /// - Throws: `CancellationError` as soon as the calling task is cancelled.
    public func sleep(for duration: Duration) async throws { try await ContinuousClock().sleep(for: duration) }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Cannot fail: both clocks exist on every Linux that is in use.
        unsafe clock_gettime(clock, &time)
        return time
    }
}
