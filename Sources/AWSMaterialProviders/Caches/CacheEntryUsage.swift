import ESDKCrypto
import ESDKSystem

/// How much has been encrypted under the materials of a cache entry (framework/cryptographic-materials-cache.md, Usage Metadata).
final class CacheEntryUsage: Sendable {
    private struct Count: Sendable {
        var messages: UInt64 = 0
        var bytes: UInt64 = 0
    }

    private let count = Guarded(Count())

    /// Counts one more message, if that stays within the limits.
    ///
    /// - Parameters:
    ///   - bytes: the most bytes of plaintext that the message will have.
    ///   - limits: the most messages and bytes that may be encrypted.
    /// - Returns: whether it was counted; if not, the materials are used up for a message of this length.
    func addMessage(of bytes: UInt64, limits: CachingCMM.Limits) -> Bool {
        count.withLock { count in
            let (total, isTooLong) = count.bytes.addingReportingOverflow(bytes)
            guard count.messages < limits.messages, !isTooLong, total <= limits.bytes else { return false }
            count.messages += 1
            count.bytes = total
            return true
        }
    }
}
