/// The kind of a key as X.509 and PKCS #8 state it (RFC 5280, section 4.1.1.2).
enum AlgorithmIdentifier: Equatable {
    /// An elliptic-curve key on a named curve that is supported.
    case ellipticCurve(EllipticCurve)
    /// An RSA key for any scheme.
    case rsa

    private static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    private static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]

    /// Reads an AlgorithmIdentifier.
    ///
    /// - Parameters:
    ///   - element: a sequence.
    ///   - der: the bytes that `element` lies in.
    /// - Throws: ``CryptoError`` with code `invalidKey` for anything but RSA and the three curves by name.
    init(_ element: DERElement, in der: Span<UInt8>) throws(CryptoError) {
        guard
            element.tag == DERElement.sequence,
            let algorithm = DERElement(DERElement.objectIdentifier, der, in: element.content)
        else { throw CryptoError(.invalidKey, "the key does not say what kind it is") }
        let identifier = der.extracting(algorithm.content)
        let rest = algorithm.content.upperBound..<element.content.upperBound
        if constantTimeEquals(identifier, AlgorithmIdentifier.rsaEncryption.span) {
            self = .rsa
        } else if constantTimeEquals(identifier, AlgorithmIdentifier.ecPublicKey.span) {
            self = .ellipticCurve(try AlgorithmIdentifier.curve(namedIn: rest, of: der))
        } else {
            throw CryptoError(.invalidKey, "the key is neither an RSA key nor an elliptic-curve key")
        }
    }

    /// Reads the name of a curve (the ECParameters of RFC 5480).
    ///
    /// - Parameters:
    ///   - range: where exactly one object identifier is expected.
    ///   - der: the bytes.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    static func curve(namedIn range: Range<Int>, of der: Span<UInt8>) throws(CryptoError) -> EllipticCurve {
        guard
            let name = DERElement(DERElement.objectIdentifier, der, in: range),
            name.content.upperBound == range.upperBound
        else { throw CryptoError(.invalidKey, "the key does not name its curve (explicit parameters are refused)") }
        let identifier = der.extracting(name.content)
        for curve in EllipticCurve.allCases
        where constantTimeEquals(identifier, curve.objectIdentifier.span) {
            return curve
        }
        throw CryptoError(.invalidKey, "the curve of the key is not P-256, P-384 or P-521")
    }
}
