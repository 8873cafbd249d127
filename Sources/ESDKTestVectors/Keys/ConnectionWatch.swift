import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// Tells a service that is gone from one request that went wrong, for all clients of a run.
///
/// After a failure that may mean either, somebody who should answer is asked again; the failures of many tests at once ask once.
final class ConnectionWatch: Sendable {
    private struct State {
        var reason: String?
        var inquiry: Task<Void, Never>?
    }

    private let patience: Duration
    private let ask: @Sendable () async throws -> Void
    private let state = Guarded(State())

    /// A watch.
    ///
    /// - Parameters:
    ///   - patience: how long an answer may take; the failure before it has taken its own time already.
    ///   - ask: returns when somebody answers, and throws when nobody does.
    init(patience: Duration = .seconds(10), ask: @escaping @Sendable () async throws -> Void) {
        self.patience = patience
        self.ask = ask
    }

    /// Why nobody answers any more; nil as long as somebody does.
    var reason: String? { state.withLock { $0.reason } }

    /// Takes note of a failure; returns when it is known what it means.
    func note(_ error: AWSServiceError) async {
        guard !AWSAnswer.isOne(error) else { return }
        let inquiry: Task<Void, Never>? = state.withLock { state in
            guard state.reason == nil else { return nil }
            if let running = state.inquiry { return running }
            let inquiry = Task { await self.inquire(after: error) }
            state.inquiry = inquiry
            return inquiry
        }
        guard let inquiry else { return }
        await withTaskCancellationHandler {
            await inquiry.value
        } onCancel: {
            inquiry.cancel()
        }
    }

    /// Makes a call, and takes note of its failure before it passes it on.
    func watching<Response>(_ call: () async throws -> Response) async throws -> Response {
        do {
            return try await call()
        } catch let error as AWSServiceError {
            await note(error)
            throw error
        }
    }

    private func inquire(after error: AWSServiceError) async {
        var isSilent: Bool
        do {
            isSilent = try await !answersInTime()
        } catch is CancellationError {
            isSilent = false
        } catch {
            isSilent = true
        }
        state.withLock { state in
            if isSilent { state.reason = error.description }
            state.inquiry = nil
        }
    }

    private func answersInTime() async throws -> Bool {
        let (ask, patience) = (ask, patience)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await ask()
                return true
            }
            group.addTask {
                try await Task.sleep(for: patience)
                return false
            }
            let first = try await group.next()
            group.cancelAll()
            return first ?? false
        }
    }
}
