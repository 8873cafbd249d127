internal import COpenSSL

extension ECPrivateKey {
    /// Generates a key (FIPS 186-5, appendix A.2) from the random source of libcrypto.
    ///
    /// - Parameter curve: the curve.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package static func generate(_ curve: EllipticCurve) throws(CryptoError) -> ECPrivateKey {
        let operation = try KeyOperation(making: "EC")
        guard
            unsafe EVP_PKEY_keygen_init(operation.pointer) == 1,
            unsafe EVP_PKEY_CTX_set_group_name(operation.pointer, curve.libraryName) == 1
        else { throw ErrorQueue.take(.libraryFailure, "the generation of a key could not be started") }
        var generated: OpaquePointer?
        guard unsafe EVP_PKEY_generate(operation.pointer, &generated) == 1, let pointer = unsafe generated else {
            unsafe EVP_PKEY_free(generated)
            throw ErrorQueue.take(.libraryFailure, "a key could not be generated")
        }
        return try unsafe ECPrivateKey(LibraryKey(takingOwnershipOf: pointer), curve: curve)
    }

    /// Signs a digest with ECDSA (FIPS 186-5, section 6.4.1), with a random number per signature.
    ///
    /// - Parameters:
    ///   - digest: the digest of the message, `hash.outputLength` bytes.
    ///   - hash: the hash function of the digest.
    /// - Returns: the strict DER form of the signature, see ``ECDSASignature``: its length varies from one signature to
    ///   the next, and is at most `curve.maximumSignatureLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength` when the digest has another length, `libraryFailure`.
    package func sign(digest: Span<UInt8>, hash: HashAlgorithm) throws(CryptoError) -> [UInt8] {
        guard digest.count == hash.outputLength else {
            throw CryptoError(.invalidLength, "the digest has \(digest.count) bytes, not \(hash.outputLength)")
        }
        let operation = try KeyOperation(key)
        let implementation = unsafe try hash.implementation()
        guard
            unsafe EVP_PKEY_sign_init(operation.pointer) == 1,
            unsafe EVP_PKEY_CTX_set_signature_md(operation.pointer, implementation) == 1
        else { throw ErrorQueue.take(.libraryFailure, "a signature could not be started") }
        let longest = curve.maximumSignatureLength
        var signature = [UInt8](repeating: 0, count: longest)
        var length = longest
        let result = unsafe signature.withUnsafeMutableBufferPointer { buffer in
            unsafe digest.withBytes { start, count in
                unsafe EVP_PKEY_sign(operation.pointer, buffer.baseAddress, &length, start, count)
            }
        }
        guard result == 1, length <= longest else {
            throw ErrorQueue.take(.libraryFailure, "a signature could not be made")
        }
        signature.removeLast(longest - length)
        return signature
    }
}
