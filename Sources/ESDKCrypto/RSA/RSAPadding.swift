internal import COpenSSL

/// How a message is padded before RSA encryption (RFC 8017, section 7).
public enum RSAPadding: Sendable, Hashable {
    /// RSAES-PKCS1-v1_5.
    case pkcs1
    /// RSAES-OAEP with an empty label, and MGF1 over the same hash function.
    case oaep(HashAlgorithm)
}

extension RSAPadding: CustomStringConvertible {
    /// The padding in words: `PKCS #1 v1.5`, `OAEP-SHA-256`.
    public var description: String {
        switch self {
        case .pkcs1: "PKCS #1 v1.5"
        case .oaep(.sha1): "OAEP-SHA-1"
        case .oaep(.sha256): "OAEP-SHA-256"
        case .oaep(.sha384): "OAEP-SHA-384"
        case .oaep(.sha512): "OAEP-SHA-512"
        }
    }
}

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
