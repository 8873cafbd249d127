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

    private init(_ algorithm: HashAlgorithm, _ context: consuming MACContext) {
        self.algorithm = algorithm
        self.context = context
    }

    /// A second code with the same key and the bytes added so far, which spares the work on the key.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func duplicate() throws(CryptoError) -> HMAC {
        HMAC(algorithm, try MACContext(duplicating: context))
    }

    /// Adds bytes.
    ///
    /// - Parameter bytes: any number of bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package mutating func update(_ bytes: Span<UInt8>) throws(CryptoError) {
        let context = unsafe self.context.pointer
        let updated = unsafe bytes.withBytes { start, count in
            unsafe EVP_MAC_update(context, start, count) == 1
        }
        guard updated else { throw ErrorQueue.take(.libraryFailure, "an HMAC could not be continued") }
    }

    /// Ends the authentication code.
    ///
    /// - Returns: `algorithm.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package consuming func finalize() throws(CryptoError) -> SecretBytes {
        let context = unsafe self.context.pointer
        let length = algorithm.outputLength
        return try SecretBytes(count: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let finished = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                var written = 0
                guard unsafe EVP_MAC_final(context, buffer.baseAddress, &written, length) == 1, written == length
                else { return false }
                initialized = length
                return true
            }
            guard finished else { throw ErrorQueue.take(.libraryFailure, "an HMAC could not be finished") }
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
