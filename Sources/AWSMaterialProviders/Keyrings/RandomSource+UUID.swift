import ESDKCrypto

extension RandomSource {
    /// The 16 bytes of a random UUID, version 4 (RFC 9562, section 5.4).
    ///
    /// - Throws: `cryptographicLibrary`.
    package func randomUUID() throws(EncryptionSDKError) -> [UInt8] {
        var bytes = try randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return bytes
    }
}
