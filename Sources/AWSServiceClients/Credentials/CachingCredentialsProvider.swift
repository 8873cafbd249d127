internal import ESDKCrypto
public import ESDKSystem

/// Keeps credentials until shortly before they end, and renews them once for all callers.
///
/// A quarter of an hour before the end one caller renews them while others use the old ones; from ten minutes before
/// the end all wait. Credentials that do not last as long have margins of a quarter and a sixth of their time. While a
/// renewal fails, the old credentials are used as long as they last.
public final class CachingCredentialsProvider: AWSCredentialsProvider {
    private struct Waiter {
        let continuation: CheckedContinuation<AWSCredentials, any Error>
        /// Whether the kept credentials are of no use to it.
        let forcesRefresh: Bool
    }

    private struct Kept {
        let credentials: AWSCredentials
        /// From when on one caller renews them, and from when on all wait.
        var advisory: Timestamp?
        var mandatory: Timestamp?
    }

    private struct State {
        var kept: Kept?
        var isRenewing = false
        var waiters: [Int: Waiter] = [:]
        var cancelled: Set<Int> = []
        var nextWaiter = 0
    }

    private enum Step {
        case use(AWSCredentials)
        case renewWhileUsing(AWSCredentials)
        case wait(Int, startsRenewal: Bool)
    }

    private static let advisoryMargin = 900.0
    private static let mandatoryMargin = 600.0
    private static let pauseAfterFailure = 60.0

    private let source: any AWSCredentialsProvider
    private let clock: any TimeSource
    private let state = Guarded(State())

    /// Keeps what a source gives.
    ///
    /// - Parameters:
    ///   - source: the source.
    ///   - clock: the time.
    public init(_ source: any AWSCredentialsProvider, clock: any TimeSource = SystemTimeSource()) {
        self.source = source
        self.clock = clock
    }

    /// The kept credentials, or new ones.
    ///
    /// - Parameter forcesRefresh: whether the service has refused the kept ones as expired.
    /// - Returns: the credentials.
    /// - Throws: the source's errors, or `CancellationError`.
    public func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        switch nextStep(forcesRefresh: forcesRefresh) {
        case .use(let credentials):
            return credentials
        case .renewWhileUsing(let credentials):
            Task { await self.renew(forcesRefresh: false) }
            return credentials
        case .wait(let number, let startsRenewal):
            // A continuation may be resumed before anyone waits for it. The thread sanitizer does not see the order that this makes, but
            // that of a lock.
            defer { state.withLock { _ in } }
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    self.enroll(Waiter(continuation: continuation, forcesRefresh: forcesRefresh), as: number)
                    // Not before: a renewal that fails at once must find the one who asked for it. It belongs to no caller: the one
                    // that started it may be cancelled while others wait.
                    if startsRenewal { Task { await self.renew(forcesRefresh: forcesRefresh) } }
                }
            } onCancel: {
                self.cancel(number)
            }
        }
    }

    private func nextStep(forcesRefresh: Bool) -> Step {
        let now = clock.now
        return state.withLock { state in
            if let kept = state.kept, !forcesRefresh {
                let isMandatory = kept.mandatory.map { now >= $0 } ?? false
                let isAdvisory = kept.advisory.map { now >= $0 } ?? false
                if !isMandatory {
                    guard isAdvisory, !state.isRenewing else { return .use(kept.credentials) }
                    state.isRenewing = true
                    return .renewWhileUsing(kept.credentials)
                }
            }
            let number = state.nextWaiter
            state.nextWaiter += 1
            defer { state.isRenewing = true }
            return .wait(number, startsRenewal: !state.isRenewing)
        }
    }

    private func enroll(_ waiter: Waiter, as number: Int) {
        enum Result {
            case waiting
            case cancelled
            case done(AWSCredentials)
            case startOver
        }
        let result = state.withLock { state -> Result in
            if state.cancelled.remove(number) != nil { return .cancelled }
            guard !state.isRenewing else {
                state.waiters[number] = waiter
                return .waiting
            }
            // The renewal was over before this waiter had enrolled. What it left may be what the service refused.
            if let kept = state.kept, !waiter.forcesRefresh { return .done(kept.credentials) }
            state.waiters[number] = waiter
            state.isRenewing = true
            return .startOver
        }
        switch result {
        case .waiting: break
        case .cancelled: waiter.continuation.resume(throwing: CancellationError())
        case .done(let credentials): waiter.continuation.resume(returning: credentials)
        case .startOver: Task { await self.renew(forcesRefresh: waiter.forcesRefresh) }
        }
    }

    private func cancel(_ number: Int) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: number)
            if waiter == nil { state.cancelled.insert(number) }
            return waiter
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func renew(forcesRefresh: Bool) async {
        let renewed: Result<AWSCredentials, any Error>
        do {
            renewed = .success(try await source.credentials(forcesRefresh: forcesRefresh))
        } catch {
            renewed = .failure(error)
        }
        // For those to whom the old ones are of use while there are no new ones.
        var result = renewed
        let now = clock.now
        let waiters = state.withLock { state in
            switch renewed {
            case .success(let credentials):
                state.kept = Self.kept(credentials, now: now)
            case .failure:
                if !forcesRefresh, let kept = state.kept, let end = kept.credentials.expiration, now < end {
                    // A source in trouble is left alone for a while.
                    let next = min(now.advanced(bySeconds: Self.pauseAfterFailure), end)
                    state.kept?.advisory = next
                    state.kept?.mandatory = max(next, kept.mandatory ?? next)
                    result = .success(kept.credentials)
                }
            }
            state.isRenewing = false
            state.cancelled = []
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.continuation.resume(with: waiter.forcesRefresh ? renewed : result) }
    }

    private static func kept(_ credentials: AWSCredentials, now: Timestamp) -> Kept {
        guard let end = credentials.expiration else {
            return Kept(credentials: credentials, advisory: nil, mandatory: nil)
        }
        let lifetime = max(0, end.secondsSinceEpoch - now.secondsSinceEpoch)
        return Kept(
            credentials: credentials,
            advisory: end.advanced(bySeconds: -min(advisoryMargin, lifetime / 4)),
            mandatory: end.advanced(bySeconds: -min(mandatoryMargin, lifetime / 6))
        )
    }
}
