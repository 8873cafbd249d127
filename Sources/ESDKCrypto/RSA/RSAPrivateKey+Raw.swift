internal import COpenSSL

extension RSAPrivateKey {
    /// Raises a ciphertext to the private exponent (RSADP of RFC 8017, section 5.1.2) and leaves the padding on.
    ///
    /// For test vectors, whose padding is to be recovered. Messages of users are opened by ``decrypt(_:padding:)``;
    /// nothing public leads here. The result is as secret as the plaintext.
    ///
    /// - Parameter ciphertext: `modulusLength` bytes, as a number less than the modulus.
    /// - Returns: the encoded message, `modulusLength` bytes.
    /// - Throws: ``CryptoError`` with code `decryptionFailed`.
    package func decryptRaw(_ ciphertext: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        let length = modulusLength
        guard ciphertext.count == length else { throw RSAPrivateKey.decryptionFailed }
        let operation = try KeyOperation(key)
        let context = unsafe operation.pointer
        guard
            unsafe EVP_PKEY_decrypt_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1
        else { throw ErrorQueue.take(.libraryFailure, "a raw RSA operation could not be started") }
        return try SecretBytes(count: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let decrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe ciphertext.withBytes { start, count in
                    var written = length
                    guard
                        unsafe EVP_PKEY_decrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written == length
                    else { return false }
                    initialized = length
                    return true
                }
            }
            guard decrypted else {
                ErrorQueue.clear()
                throw RSAPrivateKey.decryptionFailed
            }
        }
    }
}
