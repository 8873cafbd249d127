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

/// The secret numbers of deterministic ECDSA signatures (RFC 6979, section 3.2): a pure function of key and digest.
///
/// The first is the one of the standard; the others are those that it would go on to where a number is not suitable.
struct DeterministicNonces: ~Copyable {
    private let curve: EllipticCurve
    private let hash: HashAlgorithm
    private var key: SecretBytes
    private var value: SecretBytes
    private var isFirst = true

    /// Starts the sequence.
    ///
    /// - Parameters:
    ///   - scalar: the private key, `curve.fieldLength` bytes.
    ///   - digest: what is signed.
    ///   - hash: the hash function of the digest.
    ///   - curve: the curve.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    init(
        scalar: SecretBytes,
        digest: Span<UInt8>,
        hash: HashAlgorithm,
        curve: EllipticCurve
    ) throws(CryptoError) {
        self.curve = curve
        self.hash = hash
        key = SecretBytes([UInt8](repeating: 0x00, count: hash.outputLength))
        value = SecretBytes([UInt8](repeating: 0x01, count: hash.outputLength))
        let arithmetic = try NumberArithmetic(modulo: curve.order)
        let number = try LibraryNumber(curve.truncate(digest).span)
        let reduced = try arithmetic.reduce(number).bytes(curve.fieldLength)
        for separator: UInt8 in [0x00, 0x01] { try step(separator, scalar: scalar, digest: reduced) }
    }

    /// The next number from 1 to the order − 1, in `curve.fieldLength` bytes.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    mutating func next() throws(CryptoError) -> SecretBytes {
        if !isFirst { try step(0x00) }
        isFirst = false
        while true {
            var candidate: [UInt8] = []
            while candidate.count < curve.fieldLength {
                value = try HMAC.authenticationCode(hash, for: value.span, key: key.span)
                for index in value.span.indices { candidate.append(value.span[index]) }
            }
            let number = curve.truncate(candidate.span)
            if number.contains(where: { $0 != 0 }) && number.lexicographicallyPrecedes(curve.order) {
                return SecretBytes(number)
            }
            try step(0x00)
        }
    }

    /// Renews key and value; the first two times with what is signed and who signs.
    private mutating func step(
        _ separator: UInt8,
        scalar: SecretBytes? = nil,
        digest: [UInt8] = []
    ) throws(CryptoError) {
        let separatorBytes = [separator]
        var code = try HMAC(hash, key: key.span)
        try code.update(value.span)
        try code.update(separatorBytes.span)
        if let scalar { try code.update(scalar.span) }
        try code.update(digest.span)
        key = try code.finalize()
        value = try HMAC.authenticationCode(hash, for: value.span, key: key.span)
    }
}

extension EllipticCurve {
    /// The length of the order in bits.
    private var orderBits: Int { self == .p521 ? 521 : fieldLength * 8 }

    /// The leftmost bits of `bytes`, as many as the order has, as a number of `fieldLength` bytes
    /// (`bits2int` of RFC 6979, section 2.3.2).
    func truncate(_ bytes: Span<UInt8>) -> [UInt8] {
        let excess = max(bytes.count * 8 - orderBits, 0)
        let count = bytes.count - excess / 8
        let shift = excess % 8
        var number: [UInt8] = []
        var previous: UInt8 = 0
        for index in 0..<count {
            number.append(shift == 0 ? bytes[index] : previous << UInt8(8 - shift) | bytes[index] >> UInt8(shift))
            previous = bytes[index]
        }
        if number.count > fieldLength { number.removeFirst(number.count - fieldLength) }
        return [UInt8](repeating: 0, count: fieldLength - number.count) + number
    }
}
