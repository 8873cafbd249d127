import ESDKSystem

/// Materials in a cache, with what they were made for.
///
/// A cache keeps them as they are; the keyring or materials manager that put them in reads them.
public struct CachedMaterials: Sendable {
    package enum Content: Sendable {
        /// A branch key in one version.
        case branchKey(BranchKeyMaterials)
        /// A data key to encrypt with, and how much has been encrypted with it.
        ///
        /// The usage is counted where it lies, so that all who share the entry share the count.
        case encryption(EncryptionMaterials, CacheEntryUsage)
        /// A data key, and the encrypted data key that it was opened from.
        case decryption(DecryptionMaterials, openedKey: EncryptedDataKey?)
    }

    private let content: Content
    private let identifier: CacheIdentifier

    /// What is to be put in under `identifier`.
    package init(_ content: Content, for identifier: CacheIdentifier) {
        self.content = content
        self.identifier = identifier
    }

    /// The materials, if they were put in under an identifier that is equal in all its parts.
    package func content(for identifier: CacheIdentifier) -> Content? {
        self.identifier == identifier ? content : nil
    }
}

// spec: caching-cmm/usage-stats
/// How much has been encrypted under the materials of a cache entry (framework/cryptographic-materials-cache.md, Usage Metadata).
package final class CacheEntryUsage: Sendable {
    /// How much may be encrypted.
    struct Limits: Sendable, Hashable {
        var bytes: UInt64
        var messages: UInt64
    }

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
    func addMessage(of bytes: UInt64, limits: Limits) -> Bool {
        count.withLock { count in
            let (total, isTooLong) = count.bytes.addingReportingOverflow(bytes)
            guard count.messages < limits.messages, !isTooLong, total <= limits.bytes else { return false }
            count.messages += 1
            count.bytes = total
            return true
        }
    }
}
