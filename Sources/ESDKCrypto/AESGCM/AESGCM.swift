/// The Advanced Encryption Standard in Galois/counter mode (NIST SP 800-38D) with 12-byte IVs and 16-byte tags.
package enum AESGCM {
    /// The length of a key.
    package enum KeyLength: Int, Sendable, Hashable, CaseIterable {
        /// AES-128: 16 bytes.
        case aes128 = 16
        /// AES-192: 24 bytes.
        case aes192 = 24
        /// AES-256: 32 bytes.
        case aes256 = 32
    }

    /// The length of an initialisation vector in bytes.
    package static let ivLength = 12

    /// The length of an authentication tag in bytes.
    package static let tagLength = 16
}
