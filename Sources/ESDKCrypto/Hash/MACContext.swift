internal import COpenSSL

/// The sole owner of an `EVP_MAC_CTX` for HMAC.
@safe struct MACContext: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    /// A context that knows its hash function, with a key that means nothing: a copy of it, given a key, spares looking
    /// the hash function up by its name.
    ///
    /// It is never changed, and held until the process ends.
    @safe private struct Template: @unchecked Sendable {
        let pointer: OpaquePointer?

        static let sha1 = Template(.sha1)
        static let sha256 = Template(.sha256)
        static let sha384 = Template(.sha384)
        static let sha512 = Template(.sha512)

        init(_ algorithm: HashAlgorithm) {
            unsafe self.pointer = Self.context(algorithm)
            if unsafe pointer == nil { ErrorQueue.clear() }
        }

        private static func context(_ algorithm: HashAlgorithm) -> OpaquePointer? {
            guard let implementation = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else { return nil }
            defer { unsafe EVP_MAC_free(implementation) }
            guard let pointer = unsafe EVP_MAC_CTX_new(implementation) else { return nil }
            var name = Array(algorithm.libraryName.utf8CString)
            let isStarted = unsafe name.withUnsafeMutableBufferPointer { name in
                let parameters = unsafe [esdk_mac_digest(name.baseAddress), OSSL_PARAM_construct_end()]
                var key: UInt8 = 0
                return unsafe EVP_MAC_init(pointer, &key, 1, parameters) == 1
            }
            guard isStarted else {
                unsafe EVP_MAC_CTX_free(pointer)
                return nil
            }
            return unsafe pointer
        }
    }

    /// Starts an HMAC.
    ///
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    init(_ algorithm: HashAlgorithm, key: Span<UInt8>) throws(CryptoError) {
        let template =
            switch algorithm {
            case .sha1: Template.sha1
            case .sha256: Template.sha256
            case .sha384: Template.sha384
            case .sha512: Template.sha512
            }
        guard let original = unsafe template.pointer else {
            throw CryptoError(.unsupported, "this libcrypto does not offer HMAC with \(algorithm.libraryName)")
        }
        guard let pointer = unsafe EVP_MAC_CTX_dup(original) else {
            throw ErrorQueue.take(.libraryFailure, "no memory for an HMAC")
        }
        // The address is never null, which would keep the template's key.
        guard unsafe key.withBytes({ unsafe EVP_MAC_init(pointer, $0, $1, nil) == 1 }) else {
            unsafe EVP_MAC_CTX_free(pointer)
            throw ErrorQueue.take(.libraryFailure, "an HMAC could not be started")
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
