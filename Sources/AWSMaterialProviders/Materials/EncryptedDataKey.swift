/// A data key as one keyring wrapped it: an entry of the message header (framework/structures.md, Encrypted Data Key).
///
/// For readers who know master key providers: *provider id* and *key id* of a raw master key are key namespace and key name here.
public struct EncryptedDataKey: Sendable, Hashable {
    /// Who wrapped it: the key namespace of a raw keyring, or a fixed text such as `aws-kms`.
    ///
    /// UTF-8, at most 65,535 bytes.
    public let keyProviderID: [UInt8]
    /// Which key wrapped it, and what else the keyring needs.
    ///
    /// At most 65,535 bytes.
    public let keyProviderInfo: [UInt8]
    /// The wrapped data key.
    ///
    /// At most 65,535 bytes.
    public let ciphertext: [UInt8]

    /// An encrypted data key of the given parts.
    public init(keyProviderID: [UInt8], keyProviderInfo: [UInt8], ciphertext: [UInt8]) {
        self.keyProviderID = keyProviderID
        self.keyProviderInfo = keyProviderInfo
        self.ciphertext = ciphertext
    }
}
