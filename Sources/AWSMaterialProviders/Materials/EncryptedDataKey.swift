import ESDKCrypto

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

extension EncryptedDataKey {
    /// The length in a header, in bytes.
    package var serializedLength: Int { 6 + keyProviderID.count + keyProviderInfo.count + ciphertext.count }

    /// Appends the three parts, each after its two-byte length (data-format/message-header.md, Encrypted Data Key Entries).
    ///
    /// - Parameters:
    ///   - bytes: what the parts are appended to.
    ///   - index: the position of this encrypted data key in the message, for the error.
    /// - Throws: `invalidMaterials` when a part takes more than 65,535 bytes.
    package func serialize(appendingTo bytes: inout [UInt8], at index: Int) throws(EncryptionSDKError) {
        for part in [keyProviderID, keyProviderInfo, ciphertext] {
            guard part.count <= Int(UInt16.max) else {
                throw EncryptionSDKError(
                    .invalidMaterials,
                    "a part of an encrypted data key takes more than 65,535 bytes",
                    at: .init(encryptedDataKey: index)
                )
            }
            bytes.append(bigEndian: UInt16(part.count))
            bytes.append(contentsOf: part)
        }
    }
}
