internal import AWSServiceClients

/// One request on its way: shared between the task that waits, its cancellation, and the transport's thread.
final class CurlTransfer: Sendable {
    /// How the waiting task is told.
    typealias Waiter = CheckedContinuation<HTTPResponse, any Error>

    private struct State {
        var waiter: Waiter?
        var isCancelled = false
        var isDone = false
    }

    let request: HTTPRequest
    private let state = Guarded(State())

    init(_ request: HTTPRequest) {
        self.request = request
    }

    /// Whether the waiting task was cancelled.
    var isCancelled: Bool {
        state.withLock { $0.isCancelled }
    }

    /// Takes the continuation of the waiting task.
    ///
    /// - Returns: whether the transfer is to be handed to the thread: it may have been cancelled before.
    func start(_ waiter: Waiter) -> Bool {
        let isCancelled = state.withLock { state in
            if state.isCancelled {
                state.isDone = true
            } else {
                state.waiter = waiter
            }
            return state.isCancelled
        }
        if isCancelled { waiter.resume(throwing: CancellationError()) }
        return !isCancelled
    }

    /// Notes that the task was cancelled.
    ///
    /// - Returns: whether the thread must be told.
    func cancel() -> Bool {
        state.withLock { state in
            state.isCancelled = true
            return state.waiter != nil
        }
    }

    /// Tells the waiting task, the first time it is called.
    ///
    /// - Parameter result: the response or why there is none.
    func finish(_ result: Result<HTTPResponse, any Error>) {
        let waiter = state.withLock { state -> Waiter? in
            guard !state.isDone else { return nil }
            state.isDone = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: result)
    }
}
