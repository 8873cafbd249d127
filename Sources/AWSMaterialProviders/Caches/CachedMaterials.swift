import ESDKCrypto
import ESDKSystem

/// What a cache holds.
public enum CachedMaterials: Sendable {
    /// A branch key in one version.
    case branchKey(BranchKeyMaterials)
    /// A beacon key.
    case beaconKey(BeaconKeyMaterials)
    /// A data key to encrypt with.
    case encryption(CachedEncryptionMaterials)
    /// A data key that a keyring has opened.
    case decryption(CachedDecryptionMaterials)
}

/// Encryption materials in a cache, with what has been encrypted under them.
///
/// Only ``CachingCMM`` makes and reads them; a cache keeps them as they are.
public struct CachedEncryptionMaterials: Sendable {
    let materials: EncryptionMaterials
    /// Counted where it lies, so that all who share the entry share the count.
    let usage: CacheEntryUsage
    /// What was asked for beyond what the cache identifier tells.
    let terms: CachingCMM.EncryptionTerms
}

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

/// Decryption materials in a cache.
///
/// Only ``CachingCMM`` makes and reads them; a cache keeps them as they are.
public struct CachedDecryptionMaterials: Sendable {
    let materials: DecryptionMaterials
    /// What the caller supplied, which the cache identifier does not tell.
    let reproducedEncryptionContext: EncryptionContext
    /// The encrypted data keys in the order of the message that they came with.
    let encryptedDataKeys: [EncryptedDataKey]
}
