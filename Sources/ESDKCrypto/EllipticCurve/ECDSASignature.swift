/// The DER form of an ECDSA signature: a sequence of two positive integers (RFC 3279, section 2.2.3).
package enum ECDSASignature {
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
