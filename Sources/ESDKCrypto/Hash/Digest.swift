internal import COpenSSL

/// A running digest (FIPS 180-4).
package struct Digest: ~Copyable, Sendable {
    /// The hash function.
    package let algorithm: HashAlgorithm
    private let context: DigestContext

    /// Starts a digest.
    ///
    /// - Parameter algorithm: the hash function.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package init(_ algorithm: HashAlgorithm) throws(CryptoError) {
        let context = try DigestContext()
        let implementation = unsafe try algorithm.implementation()
        guard unsafe EVP_DigestInit_ex2(context.pointer, implementation, nil) == 1 else {
            throw ErrorQueue.take(.libraryFailure, "a digest could not be started")
        }
        self.algorithm = algorithm
        self.context = context
    }

    /// Adds bytes.
    ///
    /// - Parameter bytes: any number of bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package mutating func update(_ bytes: Span<UInt8>) throws(CryptoError) {
        let context = unsafe self.context.pointer
        let updated = unsafe bytes.withBytes { start, count in
            unsafe EVP_DigestUpdate(context, start, count) == 1
        }
        guard updated else { throw ErrorQueue.take(.libraryFailure, "a digest could not be continued") }
    }

    /// Ends the digest.
    ///
    /// - Returns: `algorithm.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package consuming func finalize() throws(CryptoError) -> [UInt8] {
        let context = unsafe self.context.pointer
        let length = algorithm.outputLength
        var finished = false
        let digest = [UInt8](capacity: length) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                var written: UInt32 = 0
                finished =
                    unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &written) == 1 && Int(written) == length
                if finished { initialized = length }
            }
        }
        guard finished else { throw ErrorQueue.take(.libraryFailure, "a digest could not be finished") }
        return digest
    }

    /// Digests one byte string.
    ///
    /// - Parameters:
    ///   - algorithm: the hash function.
    ///   - bytes: the bytes.
    /// - Returns: `algorithm.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package static func hash(_ algorithm: HashAlgorithm, of bytes: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        var digest = try Digest(algorithm)
        try digest.update(bytes)
        return try digest.finalize()
    }
}
