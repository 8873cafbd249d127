import ESDKCrypto

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
