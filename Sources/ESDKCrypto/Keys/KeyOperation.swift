internal import COpenSSL

/// The sole owner of an `EVP_PKEY_CTX`: one operation with a key, on one thread.
@safe struct KeyOperation: ~Copyable {
    let pointer: OpaquePointer

    /// Prepares an operation.
    ///
    /// - Parameter key: the key. libcrypto counts a reference to it for as long as the operation lives.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    init(_ key: LibraryKey) throws(CryptoError) {
        guard let pointer = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil) else {
            throw ErrorQueue.take(.libraryFailure, "no memory for an operation with a key")
        }
        unsafe self.pointer = pointer
    }

    /// Prepares the making of a key from its numbers.
    ///
    /// - Parameter type: `EC` or `RSA`.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    init(making type: String) throws(CryptoError) {
        guard let pointer = unsafe EVP_PKEY_CTX_new_from_name(nil, type, nil) else {
            throw ErrorQueue.take(.libraryFailure, "no memory for a key")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_PKEY_CTX_free(pointer)
    }
}
