internal import COpenSSL
internal import ESDKSystem

/// A public key on one of the curves of ``EllipticCurve``: a point of the curve other than infinity.
///
/// Values are immutable and may be used by many threads at once.
public struct ECPublicKey: Sendable, Equatable {
    /// The curve.
    public let curve: EllipticCurve

    /// The compressed form of the point (SEC 1, section 2.3.3), `curve.compressedPointLength` bytes.
    package let compressedPoint: [UInt8]

    let key: LibraryKey

    private var lastVerified: LastVerified?

    /// Reads the compressed form of a point (SEC 1, section 2.3.4).
    ///
    /// - Parameters:
    ///   - compressedPoint: 02 or 03 and the x coordinate, exactly `curve.compressedPointLength` bytes.
    ///   - curve: the curve.
    /// - Throws: ``CryptoError`` with code `invalidKey` for any other form, or when no point has this x coordinate.
    package init(compressedPoint: Span<UInt8>, curve: EllipticCurve) throws(CryptoError) {
        guard compressedPoint.count == curve.compressedPointLength, (2...3).contains(compressedPoint[0]) else {
            throw CryptoError(
                .invalidKey,
                "a compressed point of this curve has \(curve.compressedPointLength) bytes that begin with 02 or 03"
            )
        }
        try self.init(point: compressedPoint, curve: curve)
    }

    /// Reads a public key from PEM.
    ///
    /// - Parameter pem: a `PUBLIC KEY` block, possibly among other text.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    package init(parsingPEM pem: String) throws(CryptoError) {
        try self.init(EncodedKey(pem: pem, accepting: [.subjectPublicKeyInfo]))
    }

    /// Reads a public key from DER.
    ///
    /// - Parameter der: a SubjectPublicKeyInfo whose curve is given by name and whose point is compressed or
    ///   uncompressed, and nothing else.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    package init(parsingDER der: [UInt8]) throws(CryptoError) {
        try self.init(EncodedKey(der: SecretBytes(der), accepting: [.subjectPublicKeyInfo]))
    }

    private init(_ encoded: EncodedKey) throws(CryptoError) {
        try self.init(subjectPublicKeyInfo: encoded.der.span)
    }

    init(subjectPublicKeyInfo der: Span<UInt8>) throws(CryptoError) {
        guard
            let whole = DERElement(DERElement.sequence, der, in: der.indices),
            let kind = DERElement(DERElement.sequence, der, in: whole.content),
            let bits = DERElement(
                DERElement.bitString,
                der,
                in: kind.content.upperBound..<whole.content.upperBound
            ),
            bits.content.upperBound == whole.content.upperBound,
            let unusedBits = bits.content.first, der[unusedBits] == 0
        else { throw CryptoError(.invalidKey, "the public key is not a SubjectPublicKeyInfo") }
        guard case .ellipticCurve(let curve) = try AlgorithmIdentifier(kind, in: der) else {
            throw CryptoError(.invalidKey, "expected an elliptic-curve key, found an RSA key")
        }
        try self.init(point: der.extracting(bits.content.dropFirst()), curve: curve)
    }

    /// Makes a key from a compressed or uncompressed point.
    private init(point: Span<UInt8>, curve: EllipticCurve) throws(CryptoError) {
        let isUncompressed = point.count == 1 + 2 * curve.fieldLength && point[0] == 4
        let isCompressed = point.count == curve.compressedPointLength && (2...3).contains(point[0])
        guard isUncompressed || isCompressed else {
            throw CryptoError(.invalidKey, "the public key is not a compressed or uncompressed point of its curve")
        }
        let compressed = [UInt8](capacity: curve.compressedPointLength) { output in
            output.append(isCompressed ? point[0] : 2 + (point[point.count - 1] & 1))
            for index in 1..<curve.compressedPointLength { output.append(point[index]) }
        }
        self.key = try LibraryKey(point: point, curve: curve)
        self.curve = curve
        self.compressedPoint = compressed
    }

    /// Verifies an ECDSA signature (FIPS 186-5, section 6.4.2) over a digest.
    ///
    /// - Parameters:
    ///   - signature: strict DER, see ``ECDSASignature``.
    ///   - digest: the digest of the message, `hash.outputLength` bytes.
    ///   - hash: the hash function of the digest.
    /// - Returns: whether the signature is that of the digest under this key.
    /// - Throws: ``CryptoError`` with code `invalidSignature` when the signature is malformed, `invalidLength` when
    ///   the digest has another length, `libraryFailure`.
    package func verify(
        _ signature: Span<UInt8>,
        digest: Span<UInt8>,
        hash: HashAlgorithm
    ) throws(CryptoError) -> Bool {
        try ECDSASignature.validateDER(signature, curve: curve)
        guard digest.count == hash.outputLength else {
            throw CryptoError(.invalidLength, "the digest has \(digest.count) bytes, not \(hash.outputLength)")
        }
        if lastVerified?.isSame(signature, digest, hash) == true { return true }
        let operation = try KeyOperation(key)
        let implementation = unsafe try hash.implementation()
        guard
            unsafe EVP_PKEY_verify_init(operation.pointer) == 1,
            unsafe EVP_PKEY_CTX_set_signature_md(operation.pointer, implementation) == 1
        else { throw ErrorQueue.take(.libraryFailure, "a signature verification could not be started") }
        let result = unsafe signature.withBytes { signatureStart, signatureLength in
            unsafe digest.withBytes { digestStart, digestLength in
                unsafe EVP_PKEY_verify(
                    operation.pointer,
                    signatureStart,
                    signatureLength,
                    digestStart,
                    digestLength
                )
            }
        }
        // A signature that was forged so that the computation ends at infinity gives a negative result, as a failure
        // inside the library does: neither is a signature that verifies.
        guard result == 1 else {
            ErrorQueue.clear()
            return false
        }
        lastVerified?.keep(signature, digest, hash)
        return true
    }

    /// This key, remembering the last signature that verified: the same one of the same digest, byte for byte, is not verified twice.
    ///
    /// For test vectors, each decrypted in several ways. A signature that does not verify is refused anew each time.
    package func rememberingLastVerified() -> ECPublicKey {
        var key = self
        key.lastVerified = LastVerified()
        return key
    }

    /// Whether both keys are the same point of the same curve.
    public static func == (lhs: ECPublicKey, rhs: ECPublicKey) -> Bool {
        lhs.curve == rhs.curve && lhs.compressedPoint == rhs.compressedPoint
    }
}

/// The last signature that verified under a key.
private final class LastVerified: Sendable {
    private struct Signed {
        let signature: [UInt8]
        let digest: [UInt8]
        let hash: HashAlgorithm
    }

    private let last = Guarded<Signed?>(nil)

    func keep(_ signature: Span<UInt8>, _ digest: Span<UInt8>, _ hash: HashAlgorithm) {
        let signed = Signed(signature: [UInt8](bytesOf: signature), digest: [UInt8](bytesOf: digest), hash: hash)
        last.withLock { $0 = signed }
    }

    func isSame(_ signature: Span<UInt8>, _ digest: Span<UInt8>, _ hash: HashAlgorithm) -> Bool {
        guard let last = last.withLock({ $0 }), last.hash == hash else { return false }
        return constantTimeEquals(last.digest.span, digest) && constantTimeEquals(last.signature.span, signature)
    }
}

extension LibraryKey {
    /// Makes an elliptic-curve public key; libcrypto checks that the point lies on the curve.
    fileprivate convenience init(point: Span<UInt8>, curve: EllipticCurve) throws(CryptoError) {
        let operation = try KeyOperation(making: "EC")
        guard unsafe EVP_PKEY_fromdata_init(operation.pointer) == 1 else {
            throw ErrorQueue.take(.libraryFailure, "a public key could not be made")
        }
        var name = Array(curve.libraryName.utf8CString)
        let made = unsafe point.withBytes { start, count in
            unsafe name.withUnsafeMutableBufferPointer { name in
                // Parameters are mutable for every use; making a key only reads them.
                let octets = unsafe UnsafeMutableRawPointer(mutating: start)
                var parameters = unsafe [
                    esdk_group_name(name.baseAddress),
                    esdk_encoded_point(octets, count),
                    OSSL_PARAM_construct_end(),
                ]
                var key: OpaquePointer?
                let result = unsafe EVP_PKEY_fromdata(operation.pointer, &key, esdk_EVP_PKEY_PUBLIC_KEY, &parameters)
                guard result == 1 else {
                    unsafe EVP_PKEY_free(key)
                    return unsafe nil as OpaquePointer?
                }
                return unsafe key
            }
        }
        guard let made = unsafe made else {
            throw ErrorQueue.take(.invalidKey, "the public key is not a point of its curve")
        }
        unsafe self.init(takingOwnershipOf: made)
    }
}

extension ECPublicKey {
    /// The key as DER SubjectPublicKeyInfo with the uncompressed point, the form that key services take.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func subjectPublicKeyInfo() throws(CryptoError) -> [UInt8] { try key.subjectPublicKeyInfo() }
}
