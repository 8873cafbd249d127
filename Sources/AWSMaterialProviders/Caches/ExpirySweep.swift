import ESDKSystem

// spec: cryptographic-materials-cache/background-processing
/// Takes key material out of a cache soon after its expiry, whether or not anyone looks for it again.
///
/// It waits by the time of the system; when an entry expires, the clock of the cache says.
final class ExpirySweep: Sendable {
    /// Entries that expire shortly after each other leave together.
    private static let shortestWait = Duration.seconds(1)
    private static let longestWait = Duration.seconds(3600)

    private struct Pending: Sendable {
        let due: Duration
        let number: Int
        let task: Task<Void, Never>
    }

    private struct State: Sendable {
        var pending: Pending?
        var count = 0
    }

    private let clock: any TimeSource
    private let state = Guarded(State())

    init(clock: any TimeSource) { self.clock = clock }

    deinit { state.withLock { $0.pending?.task.cancel() } }

    /// Sees to it that `sweep` is called when `expiry` is over.
    ///
    /// - Parameters:
    ///   - expiry: when an entry expires.
    ///   - sweep: takes out what has expired by then, and returns when the next entry expires; nil when none is left. It must not
    ///     hold the cache.
    func schedule(at expiry: Duration, _ sweep: @escaping @Sendable (_ now: Duration) -> Duration?) {
        let now = clock.uptime
        let wait = min(max(expiry - now, Self.shortestWait), Self.longestWait)
        state.withLock { state in
            if let pending = state.pending {
                guard now + wait < pending.due else { return }
                pending.task.cancel()
            }
            state.count += 1
            let number = state.count
            let task = Task.detached(priority: .utility) { [weak self] in
                guard (try? await Task.sleep(for: wait)) != nil else { return }
                self?.run(number, sweep)
            }
            state.pending = Pending(due: now + wait, number: number, task: task)
        }
    }

    private func run(_ number: Int, _ sweep: @escaping @Sendable (_ now: Duration) -> Duration?) {
        let isCurrent = state.withLock { state in
            guard state.pending?.number == number else { return false }
            state.pending = nil
            return true
        }
        guard isCurrent, let next = sweep(clock.uptime) else { return }
        schedule(at: next, sweep)
    }
}
