import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import Testing

@Suite("Signatures of one length")
struct SignatureLengthTests {
    @Test(
        "every signature has 71 bytes on P-256 and 103 on P-384",
        arguments: [UInt16(0x0214), 0x0346, 0x0378, 0x0578]
    )
    func lengths(_ id: UInt16) async throws {
        let suite = try AlgorithmSuite(id: id)
        let client = try RoundTripTests.client(for: suite)
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let wanted = suite.signature?.curve == .p256 ? 71 : 103
        // Left alone, half of all signatures would have another length.
        for _ in 0..<40 {
            let message = try await client.encrypt([1, 2, 3], using: keyring, algorithmSuite: suite).ciphertext
            let lengthField = message[message.count - wanted - 2..<message.count - wanted]
            #expect(Array(lengthField) == [0, UInt8(wanted)])
            #expect(try await client.decrypt(message, using: keyring).plaintext == [1, 2, 3])
        }
    }

    @Test(
        "negating s gives another signature of the same message, and twice the first",
        arguments: EllipticCurve.allCases
    )
    func negation(_ curve: EllipticCurve) throws {
        let key = try ECPrivateKey.generate(curve)
        for byte in UInt8(0)..<60 {
            let digest = try Digest.hash(.sha384, of: [byte].span)
            let signature = try key.sign(digest: digest.span, hash: .sha384)
            let negated = try ECDSASignature.negatingS(signature.span, curve: curve)
            #expect(negated != signature)
            #expect(try key.publicKey.verify(negated.span, digest: digest.span, hash: .sha384))
            #expect(try ECDSASignature.negatingS(negated.span, curve: curve) == signature)
        }
    }

    @Test("small s and s out of range", arguments: EllipticCurve.allCases)
    func extremes(_ curve: EllipticCurve) throws {
        let one: [UInt8] = [0x30, 6, 2, 1, 1, 2, 1, 1]
        let negated = try ECDSASignature.negatingS(one.span, curve: curve)
        #expect(try ECDSASignature.negatingS(negated.span, curve: curve) == one)
        // As many bytes as the order, and greater than any of the three orders.
        let length = [EllipticCurve.p256: 32, .p384: 48, .p521: 66][curve] ?? 0
        let tooGreat: [UInt8] =
            curve == .p521
            ? [2, 66, 2] + [UInt8](repeating: 0, count: 65)
            : [2, UInt8(length + 1), 0] + [UInt8](repeating: 0xFF, count: length)
        let content = [2, 1, 1] + tooGreat
        let signature = [0x30, UInt8(content.count)] + content
        #expect(throws: CryptoError.self) { try ECDSASignature.negatingS(signature.span, curve: curve) }
    }
}
