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
