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
