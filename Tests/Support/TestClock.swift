package import ESDKSystem

/// A clock that stands still until a test moves it on.
package final class TestClock: TimeSource {
    /// What `uptime` is at first.
    package static let initialUptime = Duration.seconds(1000)

    private struct State {
        var now: Timestamp
        var uptime = initialUptime
        var sleeps: [Duration] = []
    }

    private let state: Guarded<State>
    private let sleepsAdvance: Bool

    /// A clock.
    ///
    /// - Parameters:
    ///   - text: the time that it shows.
    ///   - sleepsAdvance: whether a wait moves it on; without that, who waits looks again at once, and no time has passed.
    package init(_ text: String = "2026-11-24T22:25:35Z", sleepsAdvance: Bool = true) {
        state = Guarded(State(now: Timestamp(iso8601: text) ?? Timestamp(secondsSinceEpoch: 0)))
        self.sleepsAdvance = sleepsAdvance
    }

    package var now: Timestamp { state.withLock { $0.now } }
    package var uptime: Duration { state.withLock { $0.uptime } }
    /// The waits so far.
    package var sleeps: [Duration] { state.withLock { $0.sleeps } }

    /// Returns once somebody has begun to wait, beyond those waits that were counted before.
    package func someoneWaits(after count: Int = 0) async { while sleeps.count <= count { await Task.yield() } }

    package func sleep(for duration: Duration) async throws {
        state.withLock { $0.sleeps.append(duration) }
        try Task.checkCancellation()
        if sleepsAdvance { advance(by: duration) } else { await Task.yield() }
    }

    package func advance(by duration: Duration) {
        state.withLock { state in
            state.uptime += duration
            state.now = state.now.advanced(bySeconds: duration / .seconds(1))
        }
    }
}
