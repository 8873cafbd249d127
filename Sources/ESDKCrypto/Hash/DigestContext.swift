internal import COpenSSL

/// The sole owner of an `EVP_MD_CTX`.
@safe struct DigestContext: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    init() throws(CryptoError) {
        guard let pointer = unsafe EVP_MD_CTX_new() else {
            throw ErrorQueue.take(.libraryFailure, "no memory for a digest")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_MD_CTX_free(pointer)
    }
}
