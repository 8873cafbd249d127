import ESDKCrypto

extension SecretBytes {
    /// This data key sealed by AES-GCM, as raw AES, ECDH and hierarchical keyrings wrap it: appends the wrapped key and its tag.
    ///
    /// - Throws: `cryptographicLibrary`.
    func wrap(
        iv: Span<UInt8>,
        context: Span<UInt8>,
        under wrappingKey: SecretBytes,
        cipher: AESGCM.KeyLength,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        do {
            var sealer = try AESGCM.Sealer(cipher, key: wrappingKey.span)
            try output.append(addingCapacity: count + AESGCM.tagLength) {
                (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
                try sealer.seal(span, iv: iv, authenticating: context, appendingTo: &slot)
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}

extension RandomSource {
    /// Random bytes for an IV or a salt.
    ///
    /// - Throws: `cryptographicLibrary`.
    package func randomBytes(_ count: Int) throws(EncryptionSDKError) -> [UInt8] {
        do { return try bytes(count) } catch { throw EncryptionSDKError(unexpected: error) }
    }
}
