import ESDKCrypto
import TestSupport
import Testing

@Suite struct ECDHTests {
    struct Group: Decodable {
        struct Case: Decodable {
            let id: Int
            let comment: String
            let result: Verdict
            let `public`: String
            let `private`: String
            let shared: String
        }

        let tests: [Case]
    }

    /// A SEC 1 private key without its public key.
    private func privateKey(_ scalar: [UInt8], _ curve: EllipticCurve) throws -> ECPrivateKey {
        let name: [UInt8] =
            switch curve {
            case .p256: [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            case .p384: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
            case .p521: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]
            }
        let digits = scalar.drop { $0 == 0 }
        let number = [UInt8](repeating: 0, count: curve.fieldLength - digits.count) + digits
        let content = [0x02, 0x01, 0x01, 0x04, UInt8(number.count)] + number + [0xA0, UInt8(name.count)] + name
        return try ECPrivateKey(parsingDER: [0x30, UInt8(content.count)] + content)
    }

    @Test(arguments: [("ecdh-p256", EllipticCurve.p256), ("ecdh-p384", .p384), ("ecdh-p521", .p521)])
    func wycheproofWithEncodedKeys(file: String, curve: EllipticCurve) throws {
        var agreed = 0
        for vector in try WycheproofFile<Group>.load(file).flatMap(\.tests) {
            let key = try privateKey(bytes(vector.private), curve)
            let attempt = Result { try key.sharedSecret(with: ECPublicKey(parsingDER: bytes(vector.public))) }
            let shared = SecretBytes(try bytes(vector.shared))
            switch (vector.result, attempt) {
            case (_, .success(let secret)):
                agreed += 1
                #expect(vector.result != .invalid, "test \(vector.id): \(vector.comment)")
                #expect(secret == shared, "test \(vector.id)")
            case (.valid, .failure(let error)):
                Issue.record("test \(vector.id): \(error)")
            case (_, .failure(let error)):
                #expect(error as? CryptoError == CryptoError(.invalidKey, ""), "test \(vector.id)")
            }
        }
        #expect(agreed > 0)
    }

    @Test(arguments: [("ecdh-p256-point", EllipticCurve.p256), ("ecdh-p384-point", .p384), ("ecdh-p521-point", .p521)])
    func wycheproofWithPoints(file: String, curve: EllipticCurve) throws {
        for vector in try WycheproofFile<Group>.load(file).flatMap(\.tests) {
            let key = try privateKey(bytes(vector.private), curve)
            var point = try bytes(vector.public)
            if vector.result == .valid {
                // The vectors are uncompressed; valid ones have both coordinates.
                try #require(point.count == 1 + 2 * curve.fieldLength && point[0] == 4)
                point = [2 + (point[point.count - 1] & 1)] + point[1...curve.fieldLength]
                let peer = try ECPublicKey(compressedPoint: point.span, curve: curve)
                #expect(try key.sharedSecret(with: peer) == SecretBytes(bytes(vector.shared)), "test \(vector.id)")
                #expect(peer.compressedPoint == point)
            } else if vector.result == .invalid {
                #expect(throws: CryptoError(.invalidKey, ""), "test \(vector.id)") {
                    try ECPublicKey(compressedPoint: point.span, curve: curve)
                }
            }
        }
    }

    @Test func keysOnDifferentCurvesDoNotAgree() throws {
        let one = try ECPrivateKey(parsingPEM: VectorFile.text("keys/ec-p256-pkcs8.pem"))
        let other = try ECPrivateKey(parsingPEM: VectorFile.text("keys/ec-p384-pkcs8.pem"))
        #expect(throws: CryptoError(.invalidKey, "")) { try one.sharedSecret(with: other.publicKey) }
    }

    @Test(arguments: EllipticCurve.allCases)
    func bothSidesAgree(curve: EllipticCurve) throws {
        let one = try ECPrivateKey(parsingPEM: VectorFile.text("keys/ec-\(curve)-pkcs8.pem"))
        let other = try privateKey([0x12, 0x34, 0x56, 0x78, 0x9A], curve)
        let secret = try one.sharedSecret(with: other.publicKey)
        #expect(try other.sharedSecret(with: one.publicKey) == secret)
        #expect(secret.count == curve.fieldLength)
    }

    @Test(arguments: EllipticCurve.allCases)
    func aPrivateKeyOutsideOneToTheOrderIsRefused(curve: EllipticCurve) {
        #expect(throws: CryptoError(.invalidKey, "")) { try privateKey([0], curve) }
        #expect(throws: CryptoError(.invalidKey, "")) {
            try privateKey([UInt8](repeating: 0xFF, count: curve.fieldLength), curve)
        }
    }
}
