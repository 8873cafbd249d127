internal import COpenSSL

extension RSAPublicKey {
    /// The longest plaintext that fits under the padding, in bytes; negative when not even an empty one does.
    ///
    /// - Parameter padding: the padding.
    package func maximumPlaintextLength(_ padding: RSAPadding) -> Int {
        switch padding {
        case .pkcs1: modulusLength - 11
        case .oaep(let hash): modulusLength - 2 * hash.outputLength - 2
        }
    }

    /// Encrypts a short plaintext, such as a key (RFC 8017, section 7).
    ///
    /// The padding is drawn from libcrypto's own generator.
    ///
    /// - Parameters:
    ///   - plaintext: at most ``maximumPlaintextLength(_:)`` bytes.
    ///   - padding: how to pad it.
    /// - Returns: `modulusLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
    package func encrypt(_ plaintext: Span<UInt8>, padding: RSAPadding) throws(CryptoError) -> [UInt8] {
        guard plaintext.count <= maximumPlaintextLength(padding) else {
            throw CryptoError(
                .invalidLength,
                "\(plaintext.count) bytes do not fit under an RSA modulus of \(modulusLength) bytes with this padding"
            )
        }
        let operation = try KeyOperation(key)
        let context = unsafe operation.pointer
        guard unsafe EVP_PKEY_encrypt_init(context) == 1, try operation.setPadding(padding) else {
            throw ErrorQueue.take(.libraryFailure, "an RSA encryption could not be started")
        }
        let length = modulusLength
        return try [UInt8](capacity: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let encrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe plaintext.withBytes { start, count in
                    var written = length
                    guard
                        unsafe EVP_PKEY_encrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written == length
                    else { return false }
                    initialized = length
                    return true
                }
            }
            guard encrypted else { throw ErrorQueue.take(.libraryFailure, "RSA encryption failed") }
        }
    }
}
