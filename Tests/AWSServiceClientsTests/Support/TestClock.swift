import ESDKCrypto
import ESDKSystem

@testable import AWSServiceClients

/// A clock that stands still, but for the waits, which it notes and skips.
final class TestClock: ServiceClock {
    private struct State {
        var now: Timestamp
        var uptime = Duration.seconds(1000)
        var sleeps: [Duration] = []
    }

    private let state: Guarded<State>

    init(_ text: String = "2026-11-24T22:25:35Z") {
        state = Guarded(State(now: Timestamp(iso8601: text) ?? Timestamp(secondsSinceEpoch: 0)))
    }

    var now: Timestamp { state.withLock { $0.now } }
    var uptime: Duration { state.withLock { $0.uptime } }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { $0.sleeps.append(duration) }
        advance(by: duration)
    }

    func advance(by duration: Duration) {
        state.withLock { state in
            state.uptime += duration
            state.now = state.now.advanced(bySeconds: duration / .seconds(1))
        }
    }
}
