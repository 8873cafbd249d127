public import ESDKCrypto

// spec: structures/branch-key, structures/branch-key-version
/// A branch key in one version (framework/branch-key-store.md, Branch Key Materials).
public struct BranchKeyMaterials: Sendable {
    /// The length of a branch key in bytes.
    public static let keyLength = 32

    /// The id of the branch key.
    public let branchKeyID: String
    /// The version: a UUID in lower-case text.
    public let version: String
    /// The branch key itself.
    public let branchKey: SecretBytes
    /// The caller's pairs that are bound to the branch key.
    public let encryptionContext: EncryptionContext

    /// One version of a branch key.
    ///
    /// - Parameters:
    ///   - branchKeyID: the id of the branch key.
    ///   - version: a UUID as text, in either case.
    ///   - branchKey: 32 bytes.
    ///   - encryptionContext: the caller's pairs that are bound to the branch key.
    /// - Throws: `invalidConfiguration` for a version that is not a UUID or a key of another length.
    public init(
        branchKeyID: String,
        version: String,
        branchKey: SecretBytes,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) throws(EncryptionSDKError) {
        guard UUIDText.bytes(of: version) != nil else {
            throw EncryptionSDKError(.invalidConfiguration, "the branch key version is not a UUID")
        }
        guard branchKey.count == Self.keyLength else {
            throw EncryptionSDKError(.invalidConfiguration, "a branch key has 32 bytes, this one \(branchKey.count)")
        }
        self.branchKeyID = branchKeyID
        self.version = version.lowercased()
        self.branchKey = branchKey
        self.encryptionContext = encryptionContext
    }
}

/// A beacon key (framework/branch-key-store.md, Beacon Key Materials).
public struct BeaconKeyMaterials: Sendable {
    /// The id of the branch key that it belongs to.
    public let beaconKeyID: String
    /// The beacon key itself: 32 bytes.
    public let beaconKey: SecretBytes
    /// The caller's pairs that are bound to the branch key.
    public let encryptionContext: EncryptionContext

    /// A beacon key.
    ///
    /// - Throws: `invalidConfiguration` for a key of another length than 32 bytes.
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
