import ESDKCrypto

extension SecretBytes {
    /// A data key opened by AES-GCM, as raw AES, ECDH and hierarchical keyrings wrap it.
    ///
    /// - Throws: `unwrappingFailed` when the tag does not verify: another wrapping key, another encryption context, or damage.
    static func unwrapped(
        from ciphertext: Span<UInt8>,
        tag: Span<UInt8>,
        iv: Span<UInt8>,
        context: Span<UInt8>,
        under wrappingKey: SecretBytes,
        cipher: AESGCM.KeyLength
    ) throws(EncryptionSDKError) -> SecretBytes {
        do {
            var opener = try AESGCM.Opener(cipher, key: wrappingKey.span)
            return try SecretBytes(count: ciphertext.count) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                try opener.open(ciphertext, tag: tag, iv: iv, authenticating: context, appendingTo: &output)
            }
        } catch  where error.code == .authenticationFailed {
            throw EncryptionSDKError(
                .unwrappingFailed,
                "does not open under this wrapping key: the key or the encryption context is another, or it is damaged"
            )
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}
