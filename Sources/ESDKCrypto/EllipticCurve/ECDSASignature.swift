/// The DER form of an ECDSA signature: a sequence of two positive integers (RFC 3279, section 2.2.3).
package enum ECDSASignature {
    // spec: transitive-requirements/ecdsa
    /// Checks that a signature is the one strict DER form of two integers that fit the curve.
    ///
    /// Refused are: anything before, between or behind the integers; lengths that are indefinite or not in their
    /// shortest form; integers that are negative, zero, padded or longer than the order of the curve.
    ///
    /// - Parameters:
    ///   - signature: the bytes.
    ///   - curve: the curve of the key.
    /// - Throws: ``CryptoError`` with code `invalidSignature`.
    package static func validateDER(_ signature: Span<UInt8>, curve: EllipticCurve) throws(CryptoError) {
        guard
            let whole = DERElement(DERElement.sequence, signature, in: signature.indices),
            whole.content.upperBound == signature.count
        else { throw CryptoError(.invalidSignature, "the signature is not exactly one DER sequence") }
        guard
            let r = DERElement(DERElement.integer, signature, in: whole.content),
            let s = DERElement(
                DERElement.integer,
                signature,
                in: r.content.upperBound..<whole.content.upperBound
            ),
            s.content.upperBound == whole.content.upperBound
        else { throw CryptoError(.invalidSignature, "the signature is not a DER sequence of exactly two integers") }
        for integer in [r, s] {
            guard isPositive(signature.extracting(integer.content), longest: curve.fieldLength) else {
                throw CryptoError(
                    .invalidSignature,
                    "an integer of the signature is negative, zero, padded or too long for the curve"
                )
            }
        }
    }

    private static func isPositive(_ integer: Span<UInt8>, longest: Int) -> Bool {
        guard !integer.isEmpty, integer[0] < 0x80 else { return false }
        guard integer[0] == 0 else { return integer.count <= longest }
        // A leading zero is there only to keep the next bit from meaning a sign.
        return integer.count > 1 && integer[1] >= 0x80 && integer.count - 1 <= longest
    }
}

extension ECDSASignature {
    /// The other signature of the same message under the same key: (r, n − s) for (r, s), n being the order of the curve.
    ///
    /// Both verify. Their lengths mostly differ, so that a signature of a wanted length is found without signing again.
    ///
    /// - Parameters:
    ///   - signature: strict DER.
    ///   - curve: the curve of the key.
    /// - Returns: strict DER.
    /// - Throws: ``CryptoError`` with code `invalidSignature` when the signature is malformed or s is not less than n.
    package static func negatingS(
        _ signature: Span<UInt8>,
        curve: EllipticCurve
    ) throws(CryptoError) -> [UInt8] {
        try validateDER(signature, curve: curve)
        guard
            let whole = DERElement(DERElement.sequence, signature, in: signature.indices),
            let r = DERElement(DERElement.integer, signature, in: whole.content),
            let s = DERElement(DERElement.integer, signature, in: r.content.upperBound..<whole.content.upperBound)
        else { throw CryptoError(.invalidSignature, "the signature is malformed") }
        var difference = curve.order
        var borrow = 0
        for distance in 1...curve.fieldLength {
            let subtrahend = distance <= s.content.count ? Int(signature[s.content.upperBound - distance]) : 0
            let digit = Int(difference[curve.fieldLength - distance]) - subtrahend - borrow
            borrow = digit < 0 ? 1 : 0
            difference[curve.fieldLength - distance] = UInt8(truncatingIfNeeded: digit)
        }
        let firstOctet = difference.firstIndex { $0 != 0 }
        guard borrow == 0, let firstOctet else {
            throw CryptoError(.invalidSignature, "s is not less than the order of the curve")
        }
        let sign: [UInt8] = difference[firstOctet] >= 0x80 ? [0] : []
        let negated = sign + difference[firstOctet...]
        var content: [UInt8] = []
        for index in whole.content.lowerBound..<r.content.upperBound { content.append(signature[index]) }
        content.append(contentsOf: [DERElement.integer, UInt8(negated.count)])
        content.append(contentsOf: negated)
        // At most 2 × (2 + 67) bytes, so the length takes one octet, or two.
        let length: [UInt8] = content.count < 0x80 ? [UInt8(content.count)] : [0x81, UInt8(content.count)]
        return [DERElement.sequence] + length + content
    }
}
