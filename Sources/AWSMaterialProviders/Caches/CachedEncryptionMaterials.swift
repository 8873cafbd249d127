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
