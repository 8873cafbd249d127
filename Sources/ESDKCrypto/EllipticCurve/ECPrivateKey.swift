internal import COpenSSL

/// A private key on one of the curves of ``EllipticCurve``.
///
/// Values are immutable and may be used by many threads at once. libcrypto overwrites the key when the last copy
/// is released.
public struct ECPrivateKey: Sendable {
    /// The public key that belongs to it.
    public let publicKey: ECPublicKey

    /// The curve.
    public var curve: EllipticCurve { publicKey.curve }

    let key: LibraryKey

    private static let accepted: [KeyEncoding] = [.privateKeyInfo, .ecPrivateKey]

    /// Reads a private key from PEM.
    ///
    /// - Parameter pem: a `PRIVATE KEY` (PKCS #8) or `EC PRIVATE KEY` (SEC 1) block, possibly among other text.
    /// - Throws: ``CryptoError`` with code `invalidKey`; an encrypted key is refused: there is no prompt for its passphrase.
    package init(parsingPEM pem: String) throws(CryptoError) {
        try self.init(EncodedKey(pem: pem, accepting: ECPrivateKey.accepted))
    }

    /// Reads a private key from DER.
    ///
    /// - Parameter der: PKCS #8 or SEC 1 with the curve given by name, and nothing else.
    /// - Throws: ``CryptoError`` with code `invalidKey`; an encrypted key is refused: there is no prompt for its passphrase.
    package init(parsingDER der: [UInt8]) throws(CryptoError) {
        try self.init(EncodedKey(der: SecretBytes(der), accepting: ECPrivateKey.accepted))
    }

    private init(_ encoded: EncodedKey) throws(CryptoError) {
        let curve = try ECPrivateKey.curve(of: encoded)
        let key = try LibraryKey(privateKey: EVP_PKEY_EC, der: encoded.der.span)
        // A public key inside the encoding may belong to another private key.
        try key.checkConsistency()
        try self.init(key, curve: curve)
    }

    /// Takes a key of libcrypto, checked or just generated.
    ///
    /// - Throws: ``CryptoError`` with code `invalidKey` when the key is on another curve, `libraryFailure`.
    init(_ key: LibraryKey, curve: EllipticCurve) throws(CryptoError) {
        let encodedPublicKey = try key.subjectPublicKeyInfo()
        let publicKey = try ECPublicKey(subjectPublicKeyInfo: encodedPublicKey.span)
        guard publicKey.curve == curve else {
            throw CryptoError(.invalidKey, "the private key names two different curves")
        }
        self.key = key
        self.publicKey = publicKey
    }

    /// The curve that an encoding names, read before libcrypto sees the key: explicit parameters could describe
    /// a curve that only resembles the named one.
    private static func curve(of encoded: EncodedKey) throws(CryptoError) -> EllipticCurve {
        let der = encoded.der.span
        guard encoded.encoding == .privateKeyInfo else {
            let (scalar, rest) = try scalar(der, in: der.indices)
            let parametersTag: UInt8 = 0xA0
            guard let parameters = DERElement(parametersTag, der, in: rest) else {
                throw CryptoError(.invalidKey, "the private key does not name its curve")
            }
            let curve = try AlgorithmIdentifier.curve(namedIn: parameters.content, of: der)
            try checkLength(scalar, curve)
            return curve
        }
        guard
            let whole = DERElement(DERElement.sequence, der, in: der.indices),
            let version = DERElement(DERElement.integer, der, in: whole.content),
            let kind = DERElement(der, in: version.content.upperBound..<whole.content.upperBound),
            let inner = DERElement(DERElement.octetString, der, in: kind.content.upperBound..<whole.content.upperBound)
        else { throw unreadable }
        guard case .ellipticCurve(let curve) = try AlgorithmIdentifier(kind, in: der) else {
            throw CryptoError(.invalidKey, "expected an elliptic-curve key, found an RSA key")
        }
        try checkLength(try scalar(der, in: inner.content).digits, curve)
        return curve
    }

    private static let unreadable = CryptoError(.invalidKey, "the private key cannot be read")

    /// Finds the private number of an ECPrivateKey (RFC 5915, section 3) that fills a range, and what follows it.
    private static func scalar(
        _ der: Span<UInt8>,
        in range: Range<Int>
    ) throws(CryptoError) -> (digits: Range<Int>, rest: Range<Int>) {
        guard
            let whole = DERElement(DERElement.sequence, der, in: range), whole.content.upperBound == range.upperBound,
            let version = DERElement(DERElement.integer, der, in: whole.content),
            version.content.count == 1, der[version.content.lowerBound] == 1,
            let scalar = DERElement(
                DERElement.octetString,
                der,
                in: version.content.upperBound..<whole.content.upperBound
            )
        else { throw unreadable }
        return (scalar.content, scalar.content.upperBound..<whole.content.upperBound)
    }

    private static func checkLength(_ scalar: Range<Int>, _ curve: EllipticCurve) throws(CryptoError) {
        guard scalar.count == curve.fieldLength else {
            throw CryptoError(
                .invalidKey,
                "the private number has \(scalar.count) bytes, on this curve it has \(curve.fieldLength)"
            )
        }
    }

    /// Agrees on a secret with the owner of another key: elliptic-curve cofactor Diffie-Hellman
    /// (NIST SP 800-56A, section 5.7.1.2).
    ///
    /// - Parameter peer: the other party's public key, on the same curve.
    /// - Returns: the x coordinate of the shared point, always `curve.fieldLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidKey` when the curves differ, `libraryFailure`.
    package func sharedSecret(with peer: ECPublicKey) throws(CryptoError) -> SecretBytes {
        guard peer.curve == curve else {
            throw CryptoError(.invalidKey, "the two keys are on different curves")
        }
        let length = curve.fieldLength
        let operation = try KeyOperation(key)
        guard
            unsafe EVP_PKEY_derive_init(operation.pointer) == 1,
            unsafe EVP_PKEY_derive_set_peer(operation.pointer, peer.key.pointer) == 1
        else { throw ErrorQueue.take(.libraryFailure, "a key agreement could not be started") }
        let context = unsafe operation.pointer
        let secret = try SecretBytes(count: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let derived = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                var written = length
                guard unsafe EVP_PKEY_derive(context, buffer.baseAddress, &written) == 1, written == length
                else { return false }
                initialized = length
                return true
            }
            guard derived else { throw ErrorQueue.take(.libraryFailure, "a key agreement failed") }
        }
        return secret
    }
}

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

extension ECPrivateKey {
    /// The key of a given number.
    ///
    /// - Parameters:
    ///   - scalar: `curve.fieldLength` bytes, from 1 to the order − 1, most significant byte first.
    ///   - curve: the curve.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    package init(scalar: SecretBytes, curve: EllipticCurve) throws(CryptoError) {
        guard scalar.count == curve.fieldLength else {
            throw CryptoError(.invalidKey, "a private key of this curve has \(curve.fieldLength) bytes")
        }
        // ECPrivateKey of RFC 5915: libcrypto computes the public half. No length reaches 128.
        let identifier = [0x06, UInt8(curve.objectIdentifier.count)] + curve.objectIdentifier
        let parameters = [0xA0, UInt8(identifier.count)] + identifier
        let prefix: [UInt8] = [0x02, 0x01, 0x01, 0x04, UInt8(scalar.count)]
        let header = [0x30, UInt8(prefix.count + scalar.count + parameters.count)] + prefix
        let encoded = try SecretBytes(count: header.count + scalar.count + parameters.count) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try output.appendBytes(header.span)
            try output.appendBytes(scalar.span)
            try output.appendBytes(parameters.span)
        }
        let key = try LibraryKey(privateKey: EVP_PKEY_EC, der: encoded.span)
        try key.checkConsistency()
        try self.init(key, curve: curve)
    }
}

extension ECPrivateKey {
    /// The key as a `PRIVATE KEY` block (PKCS #8) of PEM, ending in a line feed.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func pem() throws(CryptoError) -> SecretBytes { try PEMWriter.privateKey(key) }

    /// The public half as a `PUBLIC KEY` block of PEM, ending in a line feed.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func publicKeyPEM() throws(CryptoError) -> SecretBytes { try PEMWriter.publicKey(key) }
}
