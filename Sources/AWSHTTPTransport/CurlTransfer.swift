internal import AWSServiceClients
internal import ESDKCrypto
import ESDKSystem

/// One request on its way: shared between the task that waits, its cancellation, and the transport's thread.
final class CurlTransfer: Sendable {
    /// How the waiting task is told that there is an outcome.
    typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var waiter: Waiter?
        var isCancelled = false
        var outcome: Result<HTTPResponse, any Error>?
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
                state.outcome = .failure(CancellationError())
            } else {
                state.waiter = waiter
            }
            return state.isCancelled
        }
        if isCancelled { waiter.resume() }
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
    /// - Parameter outcome: the response or why there is none.
    func finish(_ outcome: Result<HTTPResponse, any Error>) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// The response, once the waiting task was told.
    ///
    /// It is handed over under the lock, and not through the continuation, whose quick path is out of the thread
    /// sanitizer's sight.
    ///
    /// - Throws: why there is none.
    func response() throws -> HTTPResponse {
        let outcome = state.withLock { $0.outcome }
        guard let outcome else { throw HTTPTransportError(.libraryFailure, "the request has no outcome") }
        return try outcome.get()
    }
}
