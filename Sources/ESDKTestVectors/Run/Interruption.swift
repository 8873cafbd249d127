import Glibc
import Synchronization

/// Whether the user has asked the run to stop (Ctrl-C).
package enum Interruption {
    private static let isRequested = Atomic<Bool>(false)

    /// Whether the user has asked the run to stop.
    package static var hasHappened: Bool { isRequested.load(ordering: .relaxed) }

    /// From now on the first SIGINT or SIGTERM asks the run to stop; a second one ends the process at once.
    package static func catchSignals() {
        // A first access initialises the flag, which a signal handler must not do.
        isRequested.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            _ = signal(number) { number in
                Interruption.isRequested.store(true, ordering: .relaxed)
                _ = signal(number, SIG_DFL)
            }
        }
    }

    /// How often a run checks whether it must end early.
    private static let interval = Duration.milliseconds(50)

    /// Does some work, and cancels it as soon as the user asks the run to stop.
    ///
    /// - Parameters:
    ///   - isPointless: whether the work can be cancelled for another reason.
    ///   - work: the work.
    /// - Returns: what it returns.
    /// - Throws: what it throws.
    package static func cancelling<Value: Sendable>(
        or isPointless: @escaping @Sendable () -> Bool = { false },
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while !hasHappened, !isPointless() {
                    guard (try? await Task.sleep(for: interval)) != nil else { break }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
                group.cancelAll()
            }
            throw CancellationError()
        }
    }
}
