internal import COpenSSL

/// A running keyed-hash message authentication code (RFC 2104, FIPS 198-1).
package struct HMAC: ~Copyable, Sendable {
    /// The hash function.
    package let algorithm: HashAlgorithm
    private let context: MACContext

    /// Starts an authentication code.
    ///
    /// - Parameters:
    ///   - algorithm: the hash function.
    ///   - key: the key, of any length.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package init(_ algorithm: HashAlgorithm, key: Span<UInt8>) throws(CryptoError) {
        self.algorithm = algorithm
        self.context = try MACContext(algorithm, key: key)
    }

    /// Adds bytes.
    ///
    /// - Parameter bytes: any number of bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package mutating func update(_ bytes: Span<UInt8>) throws(CryptoError) {
        try context.update(bytes)
    }

    /// Ends the authentication code.
    ///
    /// - Returns: `algorithm.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package consuming func finalize() throws(CryptoError) -> SecretBytes {
        let length = algorithm.outputLength
        return try SecretBytes(count: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try context.finish(length, appendingTo: &output)
        }
    }

    /// Authenticates one byte string.
    ///
    /// - Parameters:
    ///   - algorithm: the hash function.
    ///   - bytes: the bytes.
    ///   - key: the key, of any length.
    /// - Returns: `algorithm.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package static func authenticationCode(
        _ algorithm: HashAlgorithm,
        for bytes: Span<UInt8>,
        key: Span<UInt8>
    ) throws(CryptoError) -> SecretBytes {
        var code = try HMAC(algorithm, key: key)
        try code.update(bytes)
        return try code.finalize()
    }
}

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
        guard unsafe Self.start(pointer, key: key) else {
            unsafe EVP_MAC_CTX_free(pointer)
            throw ErrorQueue.take(.libraryFailure, "an HMAC could not be started")
        }
        unsafe self.pointer = pointer
    }

    /// Gives a context a key, whose address is never null, which would keep the key that is there.
    private static func start(_ pointer: OpaquePointer, key: Span<UInt8>) -> Bool {
        unsafe key.withBytes { unsafe EVP_MAC_init(pointer, $0, $1, nil) == 1 }
    }

    deinit {
        unsafe EVP_MAC_CTX_free(pointer)
    }

    /// Starts another code, with another key or, if that is nil, with the same one, which spares the work on the key.
    func restart(key: Span<UInt8>? = nil) throws(CryptoError) {
        let isStarted =
            if let key { unsafe Self.start(pointer, key: key) } else { unsafe EVP_MAC_init(pointer, nil, 0, nil) == 1 }
        guard isStarted else { throw ErrorQueue.take(.libraryFailure, "an HMAC could not be started") }
    }

    func update(_ bytes: Span<UInt8>) throws(CryptoError) {
        let isUpdated = unsafe bytes.withBytes { unsafe EVP_MAC_update(pointer, $0, $1) == 1 }
        guard isUpdated else { throw ErrorQueue.take(.libraryFailure, "an HMAC could not be continued") }
    }

    /// Ends a code of `length` bytes, for which `output` has room; the context is then to be restarted.
    func finish(_ length: Int, appendingTo output: inout OutputSpan<UInt8>) throws(CryptoError) {
        let isFinished = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            guard let start = buffer.baseAddress else { return false }
            var written = 0
            guard unsafe EVP_MAC_final(pointer, start + initialized, &written, length) == 1, written == length
            else { return false }
            initialized += length
            return true
        }
        guard isFinished else { throw ErrorQueue.take(.libraryFailure, "an HMAC could not be finished") }
    }

    /// Ends a code and lends it out; the context is then to be restarted.
    ///
    /// No copy of the code stays behind.
    func withCode(
        of algorithm: HashAlgorithm,
        _ body: (Span<UInt8>) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        var storage = InlineArray<64, UInt8>(repeating: 0)
        var bytes = storage.mutableSpan
        let length = algorithm.outputLength
        let isFinished = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var written = 0
            return unsafe EVP_MAC_final(pointer, buffer.baseAddress, &written, length) == 1 && written == length
        }
        defer { unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        guard isFinished else { throw ErrorQueue.take(.libraryFailure, "an HMAC could not be finished") }
        try body(bytes.span.extracting(..<length))
    }
}
