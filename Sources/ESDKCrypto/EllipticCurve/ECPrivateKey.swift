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
    /// - Throws: ``CryptoError`` with code `invalidKey`; an encrypted key is refused, nobody is asked for a passphrase.
    public init(pem: String) throws(CryptoError) {
        try self.init(EncodedKey(pem: pem, accepting: ECPrivateKey.accepted))
    }

    /// Reads a private key from DER.
    ///
    /// - Parameter der: PKCS #8 or SEC 1 with the curve given by name, and nothing else.
    /// - Throws: ``CryptoError`` with code `invalidKey`; an encrypted key is refused, nobody is asked for a passphrase.
    public init(der: [UInt8]) throws(CryptoError) {
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
        guard
            let whole = DERElement(DERElement.sequence, der, in: der.indices),
            let version = DERElement(DERElement.integer, der, in: whole.content),
            let second = DERElement(der, in: version.content.upperBound..<whole.content.upperBound)
        else { throw CryptoError(.invalidKey, "the private key cannot be read") }
        if encoded.encoding == .privateKeyInfo {
            guard case .ellipticCurve(let curve) = try AlgorithmIdentifier(second, in: der) else {
                throw CryptoError(.invalidKey, "expected an elliptic-curve key, found an RSA key")
            }
            return curve
        }
        let parametersTag: UInt8 = 0xA0
        guard
            let parameters = DERElement(
                parametersTag,
                der,
                in: second.content.upperBound..<whole.content.upperBound
            )
        else { throw CryptoError(.invalidKey, "the private key does not name its curve") }
        return try AlgorithmIdentifier.curve(namedIn: parameters.content, of: der)
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
