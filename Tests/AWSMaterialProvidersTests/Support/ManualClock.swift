import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A clock that stands still until a test moves it on; whoever waits looks again at once, and the wait itself takes no time.
final class ManualClock: TimeSource {
    private let time = Guarded(Duration.zero)
    private let waits = Guarded(0)

    /// How often somebody has begun to wait.
    var waitCount: Int { waits.withLock { $0 } }

    /// Returns once somebody has begun to wait, beyond those waits that were counted before.
    func someoneWaits(after count: Int = 0) async { while waitCount <= count { await Task.yield() } }

    var uptime: Duration { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 += duration } }

    func sleep(for duration: Duration) async throws {
        waits.withLock { $0 += 1 }
        try Task.checkCancellation()
        await Task.yield()
    }

    /// 2023-06-03T19:03:29.358000Z and what has passed since.
    var now: Timestamp {
        Timestamp(microsecondsSinceEpoch: 1_685_819_009_358_000 + uptime.components.seconds * 1_000_000)
    }
}
