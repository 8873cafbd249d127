internal import COpenSSL

/// The sole owner of an `EVP_PKEY`.
///
/// The key is never changed after initialisation. libcrypto allows such a key to be used by many threads at once,
/// each through its own ``KeyOperation``; what it caches inside a key it locks itself.
@safe final class LibraryKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes ownership of a key.
    ///
    /// - Parameter pointer: a key with one reference, which this object gives up when it is released.
    init(takingOwnershipOf pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_PKEY_free(pointer)
    }

    /// Parses a private key.
    ///
    /// - Parameters:
    ///   - type: `EVP_PKEY_RSA` or `EVP_PKEY_EC`.
    ///   - der: PKCS #8, or the type's own encoding.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    convenience init(privateKey type: Int32, der: Span<UInt8>) throws(CryptoError) {
        let parsed = unsafe der.withBytes { start, count -> OpaquePointer? in
            var position: UnsafePointer<UInt8>? = unsafe start
            guard let key = unsafe d2i_PrivateKey(type, nil, &position, count) else { return nil }
            guard unsafe position == start + count, unsafe EVP_PKEY_get_id(key) == type else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        guard let parsed = unsafe parsed else {
            throw ErrorQueue.take(.invalidKey, "the private key cannot be read")
        }
        unsafe self.init(takingOwnershipOf: parsed)
        ErrorQueue.clear()
    }

    /// Parses a public key.
    ///
    /// - Parameters:
    ///   - type: `EVP_PKEY_RSA` or `EVP_PKEY_EC`.
    ///   - der: SubjectPublicKeyInfo.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    convenience init(subjectPublicKeyInfo type: Int32, der: Span<UInt8>) throws(CryptoError) {
        let parsed = unsafe der.withBytes { start, count -> OpaquePointer? in
            var position: UnsafePointer<UInt8>? = unsafe start
            guard let key = unsafe d2i_PUBKEY(nil, &position, count) else { return nil }
            guard unsafe position == start + count, unsafe EVP_PKEY_get_id(key) == type else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        guard let parsed = unsafe parsed else {
            throw ErrorQueue.take(.invalidKey, "the public key cannot be read")
        }
        unsafe self.init(takingOwnershipOf: parsed)
        ErrorQueue.clear()
    }

    /// Checks that the numbers of a private key are in range and belong together, and that the primes of an RSA key are prime.
    ///
    /// For an RSA key of 4,096 bits that takes as long as some fifty decryptions: read a key once and keep it.
    ///
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    func checkConsistency() throws(CryptoError) {
        let operation = try KeyOperation(self)
        guard unsafe EVP_PKEY_check(operation.pointer) == 1 else {
            throw ErrorQueue.take(.invalidKey, "the numbers of the private key do not belong together")
        }
    }

    /// The SubjectPublicKeyInfo of the key's public half.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    func subjectPublicKeyInfo() throws(CryptoError) -> [UInt8] {
        var encoded: UnsafeMutablePointer<UInt8>?
        let length = unsafe i2d_PUBKEY(pointer, &encoded)
        guard length > 0, let start = unsafe encoded else {
            throw ErrorQueue.take(.libraryFailure, "the public key cannot be encoded")
        }
        defer { unsafe esdk_OPENSSL_free(start) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(length)))
    }
}

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
