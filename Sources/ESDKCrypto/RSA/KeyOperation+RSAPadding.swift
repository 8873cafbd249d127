internal import COpenSSL

extension KeyOperation {
    /// Chooses the padding of an RSA operation that has been initialised.
    ///
    /// - Parameter padding: the padding.
    /// - Returns: false when libcrypto refuses.
    /// - Throws: ``CryptoError`` with code `unsupported` where libcrypto lacks the hash function.
    borrowing func setPadding(_ padding: RSAPadding) throws(CryptoError) -> Bool {
        switch padding {
        case .pkcs1:
            return unsafe EVP_PKEY_CTX_set_rsa_padding(pointer, RSA_PKCS1_PADDING) == 1
        case .oaep(let hash):
            // libcrypto's default for both functions is SHA-1, and neither follows the other.
            let implementation = unsafe try hash.implementation()
            return unsafe EVP_PKEY_CTX_set_rsa_padding(pointer, RSA_PKCS1_OAEP_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_oaep_md(pointer, implementation) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(pointer, implementation) == 1
        }
    }
}
