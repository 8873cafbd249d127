import ESDKCrypto
import Testing

@Suite("Generating and signing with elliptic-curve keys")
struct ECPrivateKeySigningTests {
    @Test("A signature verifies under the public key, and under no other digest", arguments: EllipticCurve.allCases)
    func signatureVerifies(curve: EllipticCurve) throws {
        let key = try ECPrivateKey.generate(curve)
        #expect(key.curve == curve)
        let digest = [UInt8](repeating: 7, count: 48)
        let signature = try key.sign(digest: digest.span, hash: .sha384)
        #expect(signature.count <= curve.maximumSignatureLength)
        #expect(try key.publicKey.verify(signature.span, digest: digest.span, hash: .sha384))
        var other = digest
        other[0] ^= 1
        #expect(try !key.publicKey.verify(signature.span, digest: other.span, hash: .sha384))
    }

    @Test("Two generated keys differ", arguments: EllipticCurve.allCases)
    func generatedKeysDiffer(curve: EllipticCurve) throws {
        #expect(try ECPrivateKey.generate(curve).publicKey != ECPrivateKey.generate(curve).publicKey)
    }

    @Test("A digest of another length is refused")
    func digestLength() throws {
        let key = try ECPrivateKey.generate(.p256)
        let digest = [UInt8](repeating: 7, count: 31)
        #expect(throws: CryptoError(.invalidLength, "")) { try key.sign(digest: digest.span, hash: .sha256) }
    }
}
