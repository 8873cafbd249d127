internal import COpenSSL

/// The sole owner of an `EVP_MAC_CTX` for HMAC.
@safe struct MACContext: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    /// An `EVP_MAC` that was fetched once.
    ///
    /// It is immutable, counted by libcrypto, and held until the process ends.
    @safe private struct Implementation: @unchecked Sendable {
        let pointer: OpaquePointer?

        static let hmac = Implementation(named: "HMAC")

        init(named name: String) {
            unsafe self.pointer = EVP_MAC_fetch(nil, name, nil)
            if unsafe pointer == nil { ErrorQueue.clear() }
        }
    }

    init() throws(CryptoError) {
        guard let implementation = unsafe Implementation.hmac.pointer else {
            throw CryptoError(.unsupported, "this libcrypto does not offer HMAC")
        }
        guard let pointer = unsafe EVP_MAC_CTX_new(implementation) else {
            throw ErrorQueue.take(.libraryFailure, "no memory for an HMAC")
        }
        unsafe self.pointer = pointer
    }

    init(duplicating other: borrowing MACContext) throws(CryptoError) {
        guard let pointer = unsafe EVP_MAC_CTX_dup(other.pointer) else {
            throw ErrorQueue.take(.libraryFailure, "no memory for an HMAC")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_MAC_CTX_free(pointer)
    }
}
