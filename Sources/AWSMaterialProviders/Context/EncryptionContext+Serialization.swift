import ESDKCrypto

extension EncryptionContext {
    /// The number of pairs and the pairs, each text after its two-byte length; nothing at all for an empty context
    /// (framework/structures.md, Serialization).
    ///
    /// - Throws: `encryptionContextTooLong` when a text, the number of pairs or the whole exceeds 65,535.
    package func serialized() throws(EncryptionSDKError) -> [UInt8] {
        guard !isEmpty else { return [] }
        let length = try serializedLength()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        bytes.append(bigEndian: UInt16(entries.count))  // fits: each pair takes at least four bytes
        for entry in entries {
            bytes.append(bigEndian: UInt16(entry.keyBytes.count))
            bytes.append(contentsOf: entry.keyBytes)
            bytes.append(bigEndian: UInt16(entry.valueBytes.count))
            bytes.append(contentsOf: entry.valueBytes)
        }
        return bytes
    }

    /// The length of the serialized form in bytes.
    ///
    /// - Throws: `encryptionContextTooLong` when a text, the number of pairs or the whole exceeds 65,535.
    package func serializedLength() throws(EncryptionSDKError) -> Int {
        guard !isEmpty else { return 0 }
        var length = 2
        for entry in entries {
            length += 4 + entry.keyBytes.count + entry.valueBytes.count
            guard length <= Int(UInt16.max) else {
                throw EncryptionSDKError(
                    .encryptionContextTooLong,
                    "the encryption context takes more than 65,535 bytes when serialized"
                )
            }
        }
        return length
    }
}
