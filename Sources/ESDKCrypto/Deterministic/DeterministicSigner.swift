/// An elliptic-curve key whose signatures are a pure function of key and digest (RFC 6979).
///
/// For test vectors that are to have the same bytes whenever they are made. Messages of users are signed by
/// ``ECPrivateKey/sign(digest:hash:)``; nothing public leads here.
package struct DeterministicSigner: Sendable {
    /// The key.
    package let key: ECPrivateKey

    private let scalar: SecretBytes

    /// A signer of a given private key.
    ///
    /// - Parameters:
    ///   - scalar: the private key, `curve.fieldLength` bytes, from 1 to the order − 1.
    ///   - curve: the curve.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    package init(scalar: SecretBytes, curve: EllipticCurve) throws(CryptoError) {
        key = try ECPrivateKey(scalar: scalar, curve: curve)
        self.scalar = scalar
    }

    /// A signer with a key from a random source, by rejection (FIPS 186-5, appendix A.2.2).
    ///
    /// - Throws: ``CryptoError`` from the source.
    package static func generate(
        _ curve: EllipticCurve,
        from source: any RandomSource
    ) throws(CryptoError) -> DeterministicSigner {
        while true {
            var bytes = try source.bytes(curve.fieldLength)
            if curve == .p521 { bytes[0] &= 0x01 }
            if bytes.contains(where: { $0 != 0 }) && bytes.lexicographicallyPrecedes(curve.order) {
                return try DeterministicSigner(scalar: SecretBytes(bytes), curve: curve)
            }
        }
    }

    /// Signs a digest.
    ///
    /// - Parameters:
    ///   - digest: the digest, `hash.outputLength` bytes.
    ///   - hash: the hash function of the digest, which the secret numbers are made with too.
    ///   - isWanted: picks the first of the signatures that the standard's sequence of secret numbers gives; the
    ///     standard's own is the first of all. Of 128 that are not wanted, the last is returned.
    /// - Returns: the strict DER form of the signature, see ``ECDSASignature``.
    /// - Throws: ``CryptoError`` with code `invalidLength` when the digest has another length, `libraryFailure`.
    package func sign(
        digest: Span<UInt8>,
        hash: HashAlgorithm,
        where isWanted: (_ signature: [UInt8]) -> Bool = { _ in true }
    ) throws(CryptoError) -> [UInt8] {
        guard digest.count == hash.outputLength else {
            throw CryptoError(.invalidLength, "the digest has \(digest.count) bytes, not \(hash.outputLength)")
        }
        let curve = key.curve
        let arithmetic = try NumberArithmetic(modulo: curve.order)
        let digestNumber = try LibraryNumber(curve.truncate(digest).span)
        let privateNumber = try LibraryNumber(scalar.span)
        var nonces = try DeterministicNonces(scalar: scalar, digest: digest, hash: hash, curve: curve)
        var signature: [UInt8] = []
        for _ in 0..<128 {
            let nonce = try nonces.next()
            let point = try ECPrivateKey(scalar: nonce, curve: curve).publicKey.compressedPoint
            let abscissa = try LibraryNumber(point.span.extracting(1...))
            let r = try arithmetic.reduce(abscissa)
            let product = try arithmetic.multiply(r, privateNumber)
            let sum = try arithmetic.add(digestNumber, product)
            let inverse = try arithmetic.invert(LibraryNumber(nonce.span))
            let s = try arithmetic.multiply(inverse, sum)
            let rBytes = try r.bytes(curve.fieldLength)
            let sBytes = try s.bytes(curve.fieldLength)
            guard rBytes.contains(where: { $0 != 0 }), sBytes.contains(where: { $0 != 0 }) else { continue }
            signature = ECDSASignature.encode(r: rBytes, s: sBytes)
            if isWanted(signature) { return signature }
        }
        return signature
    }
}

extension ECDSASignature {
    /// The strict DER form of two positive numbers, most significant byte first.
    fileprivate static func encode(r: [UInt8], s: [UInt8]) -> [UInt8] {
        var content: [UInt8] = []
        for number in [r, s] {
            let digits = number.drop { $0 == 0 }
            let sign: [UInt8] = (digits.first ?? 0) >= 0x80 ? [0] : []
            content += [DERElement.integer, UInt8(sign.count + digits.count)] + sign + digits
        }
        let length: [UInt8] = content.count < 0x80 ? [UInt8(content.count)] : [0x81, UInt8(content.count)]
        return [DERElement.sequence] + length + content
    }
}
