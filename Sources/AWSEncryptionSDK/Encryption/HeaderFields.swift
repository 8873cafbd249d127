import AWSMaterialProviders
import ESDKCrypto

/// The fields of a header that is about to be written (data-format/message-header.md).
struct HeaderFields {
    let algorithmSuite: AlgorithmSuite
    let messageID: [UInt8]
    /// The stored pairs of the encryption context with their count; nothing for an empty context.
    let serializedContext: [UInt8]
    let encryptedDataKeys: [EncryptedDataKey]
    let contentType: MessageHeader.ContentType
    let frameLength: UInt32
    let commitment: SecretBytes

    /// The bytes that the header's tag covers: everything but IV and tag.
    ///
    /// - Throws: `encryptionContextTooLong`; `invalidMaterials` when the number of encrypted data keys, or a part of one, does not fit
    ///   into its field.
    func serialized() throws(EncryptionSDKError) -> [UInt8] {
        guard serializedContext.count <= Int(UInt16.max) else {
            throw EncryptionSDKError(
                .encryptionContextTooLong,
                "the encryption context takes more than 65,535 bytes when serialized"
            )
        }
        guard 1...Int(UInt16.max) ~= encryptedDataKeys.count else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "a message holds 1 to 65,535 encrypted data keys, not \(encryptedDataKeys.count)"
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128 + serializedContext.count + encryptedDataKeys.reduce(0) { $0 + $1.serializedLength })
        bytes.append(algorithmSuite.messageFormatVersion)
        if algorithmSuite.messageFormatVersion == 1 { bytes.append(0x80) }
        bytes.append(bigEndian: algorithmSuite.id)
        bytes.append(contentsOf: messageID)
        bytes.append(bigEndian: UInt16(serializedContext.count))
        bytes.append(contentsOf: serializedContext)
        bytes.append(bigEndian: UInt16(encryptedDataKeys.count))
        for (index, key) in encryptedDataKeys.enumerated() {
            try key.serialize(appendingTo: &bytes, at: index)
        }
        bytes.append(contentType.rawValue)
        if algorithmSuite.messageFormatVersion == 1 {
            bytes.append(contentsOf: [0, 0, 0, 0, UInt8(AESGCM.ivLength)])
        }
        bytes.append(bigEndian: frameLength)
        bytes.append(bytesOf: commitment.span)
        return bytes
    }
}
