internal import COpenSSL

extension RSAPublicKey {
    /// Raises an encoded message to the public exponent (RSAEP of RFC 8017, section 5.1.1), without any padding.
    ///
    /// For test vectors, whose padding is given. Messages of users are padded by libcrypto, see
    /// ``encrypt(_:padding:)``; nothing public leads here.
    ///
    /// - Parameter encodedMessage: `modulusLength` bytes, as a number less than the modulus.
    /// - Returns: `modulusLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, or `libraryFailure` when the number is too great.
    package func encryptRaw(_ encodedMessage: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard encodedMessage.count == modulusLength else {
            throw CryptoError(.invalidLength, "an encoded message has \(modulusLength) bytes")
        }
        let operation = try KeyOperation(key)
        let context = unsafe operation.pointer
        guard
            unsafe EVP_PKEY_encrypt_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1
        else { throw ErrorQueue.take(.libraryFailure, "a raw RSA operation could not be started") }
        let length = modulusLength
        return try [UInt8](capacity: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let encrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe encodedMessage.withBytes { start, count in
                    var written = length
                    guard
                        unsafe EVP_PKEY_encrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written == length
                    else { return false }
                    initialized = length
                    return true
                }
            }
            guard encrypted else { throw ErrorQueue.take(.libraryFailure, "a raw RSA operation failed") }
        }
    }
}
