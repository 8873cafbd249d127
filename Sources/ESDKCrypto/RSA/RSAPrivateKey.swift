internal import COpenSSL

/// An RSA private key.
///
/// It is parsed once. Values are immutable and may be used by many threads at once; libcrypto blinds each operation
/// and overwrites the key when the last copy is released.
public struct RSAPrivateKey: Sendable {
    /// The public key that belongs to it.
    public let publicKey: RSAPublicKey

    /// The length of the modulus, and of every ciphertext, in bytes.
    public var modulusLength: Int { publicKey.modulusLength }

    let key: LibraryKey

    private static let accepted: [KeyEncoding] = [.privateKeyInfo, .rsaPrivateKey]

    /// Reads a private key from PEM.
    ///
    /// - Parameter pem: a `PRIVATE KEY` (PKCS #8) or `RSA PRIVATE KEY` (PKCS #1) block, possibly among other text.
    /// - Throws: ``CryptoError`` with code `invalidKey`; an encrypted key is refused: there is no prompt for its passphrase.
    package init(parsingPEM pem: String) throws(CryptoError) {
        try self.init(EncodedKey(pem: pem, accepting: RSAPrivateKey.accepted))
    }

    /// Reads a private key from DER.
    ///
    /// - Parameter der: PKCS #8 or PKCS #1, and nothing else.
    /// - Throws: ``CryptoError`` with code `invalidKey`; an encrypted key is refused: there is no prompt for its passphrase.
    package init(parsingDER der: [UInt8]) throws(CryptoError) {
        try self.init(EncodedKey(der: SecretBytes(der), accepting: RSAPrivateKey.accepted))
    }

    init(_ encoded: EncodedKey) throws(CryptoError) {
        let der = encoded.der.span
        try RSAPrivateKey.checkNumbers(encoded)
        let key = try LibraryKey(privateKey: EVP_PKEY_RSA, der: der)
        let encodedPublicKey = try key.subjectPublicKeyInfo()
        self.publicKey = try RSAPublicKey(subjectPublicKeyInfo: encodedPublicKey.span)
        try key.checkConsistency()
        self.key = key
    }

    /// Checks that there are all numbers of a key with two primes (RFC 8017, appendix A.1.2), none longer than the modulus.
    ///
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    private static func checkNumbers(_ encoded: EncodedKey) throws(CryptoError) {
        let der = encoded.der.span
        var range = der.indices
        if encoded.encoding == .privateKeyInfo {
            guard
                let whole = DERElement(DERElement.sequence, der, in: der.indices),
                let version = DERElement(DERElement.integer, der, in: whole.content),
                let kind = DERElement(der, in: version.content.upperBound..<whole.content.upperBound)
            else { throw unreadable }
            guard case .rsa = try AlgorithmIdentifier(kind, in: der) else {
                throw CryptoError(.invalidKey, "expected an RSA key, found an elliptic-curve key")
            }
            guard
                let inner = DERElement(
                    DERElement.octetString,
                    der,
                    in: kind.content.upperBound..<whole.content.upperBound
                )
            else { throw unreadable }
            range = inner.content
        }
        guard let numbers = DERElement.naturalNumbers(der, in: range), numbers.count >= 4 else { throw unreadable }
        let (modulus, privateNumbers) = (numbers[1], numbers[3...])
        guard numbers.count > 4, !numbers[4].isEmpty else {
            throw CryptoError(
                .invalidKey,
                "the private key has no primes, as Java writes it for an RSAPrivateKeySpec: export it with them"
            )
        }
        guard numbers[0].isEmpty, numbers.count == 9 else {
            throw CryptoError(.invalidKey, "the private key does not have two primes and what is computed from them")
        }
        guard privateNumbers.allSatisfy({ $0.count <= modulus.count }) else {
            throw CryptoError(.invalidKey, "a private number of the RSA key is longer than its modulus")
        }
    }

    private static let unreadable = CryptoError(.invalidKey, "the private key cannot be read")

    /// Decrypts a ciphertext.
    ///
    /// Bad padding, a ciphertext of another length and a ciphertext for another key all give the same error. How far
    /// they can be told apart by their timing is libcrypto's doing. A libcrypto with implicit rejection (3.2 and
    /// later, and some distributions' builds of earlier versions) answers bad PKCS #1 v1.5 padding not with an error
    /// but with bytes that depend on the key and the ciphertext and look random, of a length that does too: a caller
    /// must treat a plaintext of the wrong length, and one that does not authenticate what follows, as it treats
    /// this error.
    ///
    /// - Parameters:
    ///   - ciphertext: `modulusLength` bytes.
    ///   - padding: how the plaintext was padded.
    /// - Returns: the plaintext, shorter than the modulus.
    /// - Throws: ``CryptoError`` with code `decryptionFailed`, always with the same reason.
    package func decrypt(_ ciphertext: Span<UInt8>, padding: RSAPadding) throws(CryptoError) -> SecretBytes {
        do throws(CryptoError) {
            return try attemptDecryption(of: ciphertext, padding: padding)
        } catch {
            ErrorQueue.clear()
            throw RSAPrivateKey.decryptionFailed
        }
    }

    /// The one error of ``decrypt(_:padding:)``, for callers that find a plaintext of a wrong length.
    package static let decryptionFailed = CryptoError(.decryptionFailed, "RSA decryption failed")

    private func attemptDecryption(
        of ciphertext: Span<UInt8>,
        padding: RSAPadding
    ) throws(CryptoError) -> SecretBytes {
        let capacity = modulusLength
        guard ciphertext.count == capacity else { throw RSAPrivateKey.decryptionFailed }
        let operation = try KeyOperation(key)
        let context = unsafe operation.pointer
        guard unsafe EVP_PKEY_decrypt_init(context) == 1, try operation.setPadding(padding) else {
            throw RSAPrivateKey.decryptionFailed
        }
        return try SecretBytes(count: capacity) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let decrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe ciphertext.withBytes { start, count in
                    var written = capacity
                    guard
                        unsafe EVP_PKEY_decrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written <= capacity
                    else { return false }
                    initialized = written
                    return true
                }
            }
            guard decrypted else { throw RSAPrivateKey.decryptionFailed }
        }
    }
}

extension RSAPrivateKey {
    /// Raises a ciphertext to the private exponent (RSADP of RFC 8017, section 5.1.2) and leaves the padding on.
    ///
    /// For test vectors, whose padding is to be recovered. Messages of users are opened by ``decrypt(_:padding:)``;
    /// nothing public leads here. The result is as secret as the plaintext.
    ///
    /// - Parameter ciphertext: `modulusLength` bytes, as a number less than the modulus.
    /// - Returns: the encoded message, `modulusLength` bytes.
    /// - Throws: ``CryptoError`` with code `decryptionFailed`.
    package func decryptRaw(_ ciphertext: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        let length = modulusLength
        guard ciphertext.count == length else { throw RSAPrivateKey.decryptionFailed }
        let operation = try KeyOperation(key)
        let context = unsafe operation.pointer
        guard
            unsafe EVP_PKEY_decrypt_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1
        else { throw ErrorQueue.take(.libraryFailure, "a raw RSA operation could not be started") }
        return try SecretBytes(count: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let decrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe ciphertext.withBytes { start, count in
                    var written = length
                    guard
                        unsafe EVP_PKEY_decrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written == length
                    else { return false }
                    initialized = length
                    return true
                }
            }
            guard decrypted else {
                ErrorQueue.clear()
                throw RSAPrivateKey.decryptionFailed
            }
        }
    }
}

extension RSAPrivateKey {
    /// Generates a key (FIPS 186-5, appendix A.1.3) with the exponent 65,537, from the random source of libcrypto.
    ///
    /// Takes from a tenth of a second to several seconds.
    ///
    /// - Parameter modulusBits: the length of the modulus in bits, from 2,048 to 4,096.
    /// - Throws: ``CryptoError`` with code `invalidLength`, `libraryFailure`.
    package static func generate(modulusBits: Int) throws(CryptoError) -> RSAPrivateKey {
        guard 2_048...4_096 ~= modulusBits else {
            throw CryptoError(.invalidLength, "an RSA key has 2,048 to 4,096 bits here, not \(modulusBits)")
        }
        let operation = try KeyOperation(making: "RSA")
        guard
            unsafe EVP_PKEY_keygen_init(operation.pointer) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(operation.pointer, Int32(modulusBits)) == 1
        else { throw ErrorQueue.take(.libraryFailure, "the generation of a key could not be started") }
        var generated: OpaquePointer?
        guard unsafe EVP_PKEY_generate(operation.pointer, &generated) == 1, let pointer = unsafe generated else {
            unsafe EVP_PKEY_free(generated)
            throw ErrorQueue.take(.libraryFailure, "a key could not be generated")
        }
        let key = unsafe LibraryKey(takingOwnershipOf: pointer)
        let encoded = try key.privateKeyInfo()
        return try RSAPrivateKey(EncodedKey(der: encoded, accepting: [.privateKeyInfo]))
    }

    /// The key as a `PRIVATE KEY` block (PKCS #8) of PEM, ending in a line feed.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func pem() throws(CryptoError) -> SecretBytes { try PEMWriter.privateKey(key) }

    /// The public half as a `PUBLIC KEY` block of PEM, ending in a line feed.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func publicKeyPEM() throws(CryptoError) -> SecretBytes { try PEMWriter.publicKey(key) }
}
