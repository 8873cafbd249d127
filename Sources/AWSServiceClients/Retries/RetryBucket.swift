internal import ESDKCrypto
import ESDKSystem

/// The allowance for retries that all requests of one client share: a service in trouble is not asked ever more.
final class RetryBucket: Sendable {
    /// How much the bucket holds at the start, and at most.
    static let capacity = 500

    private let level = Guarded(RetryBucket.capacity)

    /// Takes from the bucket.
    ///
    /// - Parameter cost: how much.
    /// - Returns: whether it held that much; otherwise nothing was taken.
    func take(_ cost: Int) -> Bool {
        level.withLock { level in
            guard level >= cost else { return false }
            level -= cost
            return true
        }
    }

    /// Gives back after a success.
    ///
    /// - Parameter amount: what the last retry took, or 1 when there was none.
    func refund(_ amount: Int) {
        level.withLock { $0 = min(Self.capacity, $0 + amount) }
    }

    /// What the bucket holds.
    var remaining: Int { level.withLock { $0 } }
}
