internal import COpenSSL

extension HashAlgorithm {
    /// An `EVP_MD` that was fetched once.
    ///
    /// It is immutable, counted by libcrypto, and held until the process ends.
    @safe struct Implementation: @unchecked Sendable {
        let pointer: OpaquePointer?

        init(named name: String) {
            unsafe self.pointer = EVP_MD_fetch(nil, name, nil)
            if unsafe pointer == nil { ErrorQueue.clear() }
        }
    }

    private static let sha1Implementation = Implementation(named: "SHA1")
    private static let sha256Implementation = Implementation(named: "SHA2-256")
    private static let sha384Implementation = Implementation(named: "SHA2-384")
    private static let sha512Implementation = Implementation(named: "SHA2-512")

    /// The implementation of libcrypto's default provider.
    ///
    /// - Throws: ``CryptoError`` with code `unsupported` where the library's configuration leaves it out.
    func implementation() throws(CryptoError) -> OpaquePointer {
        let implementation =
            switch self {
            case .sha1: HashAlgorithm.sha1Implementation
            case .sha256: HashAlgorithm.sha256Implementation
            case .sha384: HashAlgorithm.sha384Implementation
            case .sha512: HashAlgorithm.sha512Implementation
            }
        guard let pointer = unsafe implementation.pointer else {
            throw CryptoError(.unsupported, "this libcrypto does not offer \(libraryName)")
        }
        return unsafe pointer
    }

    /// The name that libcrypto's parameters use.
    var libraryName: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA2-256"
        case .sha384: "SHA2-384"
        case .sha512: "SHA2-512"
        }
    }
}
