public import ESDKCrypto

/// A beacon key (framework/branch-key-store.md, Beacon Key Materials).
public struct BeaconKeyMaterials: Sendable {
    /// The id of the branch key that it belongs to.
    public let beaconKeyID: String
    /// The beacon key itself: 32 bytes.
    public let beaconKey: SecretBytes
    /// The caller's own pairs that are bound to the branch key.
    public let encryptionContext: EncryptionContext

    /// A beacon key.
    ///
    /// - Throws: `invalidConfiguration` for a key that has not 32 bytes.
    public init(
        beaconKeyID: String,
        beaconKey: SecretBytes,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) throws(EncryptionSDKError) {
        guard beaconKey.count == BranchKeyMaterials.keyLength else {
            throw EncryptionSDKError(.invalidConfiguration, "a beacon key has 32 bytes, this one \(beaconKey.count)")
        }
        self.beaconKeyID = beaconKeyID
        self.beaconKey = beaconKey
        self.encryptionContext = encryptionContext
    }
}
