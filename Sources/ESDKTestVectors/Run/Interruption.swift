import ESDKSystem

/// Whether the user, or the system, has asked the run to stop: Ctrl-C, a terminal that is closed, a shutdown.
package enum Interruption {
    /// Whether the run has been asked to stop.
    package static var hasHappened: Bool { TerminationSignals.first != nil }

    /// From now on the first signal that asks the process to stop ends the run in good order; a second one ends the process at once.
    package static func catchSignals() { TerminationSignals.watch() }

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
