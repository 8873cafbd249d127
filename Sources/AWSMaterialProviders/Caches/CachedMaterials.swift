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
