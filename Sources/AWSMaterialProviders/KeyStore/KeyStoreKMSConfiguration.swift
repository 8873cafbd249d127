/// Which AWS KMS keys a key store uses (framework/branch-key-store.md, AWS KMS Configuration).
public enum KeyStoreKMSConfiguration: Sendable, Hashable {
    /// Exactly the key of this ARN.
    case kmsKeyARN(String)
    /// The key of this ARN; a record that names a replica of it is as good.
    case kmsMRKeyARN(String)
    /// Whatever key a record names; opens branch keys and makes none.
    case discovery
    /// Whatever key a record names, a multi-Region key in this region; opens branch keys and makes none.
    case mrDiscovery(region: String)
}
