internal import ESDKCrypto

/// Signs messages of test vectors, with signatures of the length that readers reserve room for: 71 bytes for P-256, 103 for P-384.
enum FooterSigner: Sendable {
    /// With secret numbers from libcrypto.
    case random(ECPrivateKey)
    /// With secret numbers that follow from key and digest.
    case deterministic(DeterministicSigner)

    /// The signature of a digest.
    func sign(_ digest: [UInt8], hash: HashAlgorithm) throws(CryptoError) -> [UInt8] {
        switch self {
        case .deterministic(let signer):
            let length = Self.length(signer.key.curve)
            return try Self.fit(
                try signer.sign(digest: digest.span, hash: hash) { signature in
                    (try? Self.fit(signature, curve: signer.key.curve))?.count == length
                },
                curve: signer.key.curve
            )
        case .random(let key):
            var signature: [UInt8] = []
            for _ in 0..<128 {
                signature = try Self.fit(try key.sign(digest: digest.span, hash: hash), curve: key.curve)
                if signature.count == Self.length(key.curve) { break }
            }
            return signature
        }
    }

    private static func length(_ curve: EllipticCurve) -> Int { curve.maximumSignatureLength - 1 }

    /// A signature of the wanted length, or with s negated.
    private static func fit(_ signature: [UInt8], curve: EllipticCurve) throws(CryptoError) -> [UInt8] {
        guard signature.count != length(curve) else { return signature }
        return try ECDSASignature.negatingS(signature.span, curve: curve)
    }
}
