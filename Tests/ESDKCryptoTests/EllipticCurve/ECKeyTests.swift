import ESDKCrypto
import TestSupport
import Testing

@Suite struct ECKeyTests {
    @Test(arguments: EllipticCurve.allCases)
    func everyEncodingGivesTheSameKey(curve: EllipticCurve) throws {
        let reference = try ECPublicKey(parsingPEM: VectorFile.text("keys/ec-\(curve)-spki.pem"))
        #expect(reference.curve == curve)
        #expect(reference.compressedPoint.count == curve.compressedPointLength)
        #expect(try ECPublicKey(parsingPEM: VectorFile.text("keys/ec-\(curve)-spki-compressed.pem")) == reference)
        #expect(try ECPublicKey(parsingDER: derOfPEM("ec-\(curve)-spki")) == reference)
        #expect(try ECPublicKey(parsingDER: derOfPEM("ec-\(curve)-spki-compressed")) == reference)
        for name in ["sec1", "sec1-with-parameters", "pkcs8"] {
            let key = try ECPrivateKey(parsingPEM: VectorFile.text("keys/ec-\(curve)-\(name).pem"))
            #expect(key.publicKey == reference, "\(name)")
            #expect(key.curve == curve)
        }
        for name in ["sec1", "pkcs8"] {
            #expect(try ECPrivateKey(parsingDER: derOfPEM("ec-\(curve)-\(name)")).publicKey == reference, "\(name)")
        }
        let point = reference.compressedPoint
        #expect(try ECPublicKey(compressedPoint: point.span, curve: curve) == reference)
    }

    @Test func aPrivateKeyWithoutItsPublicKeyIsCompleted() throws {
        let key = try ECPrivateKey(parsingPEM: VectorFile.text("keys/ec-p256-sec1-no-public.pem"))
        #expect(try key.publicKey == ECPublicKey(parsingPEM: VectorFile.text("keys/ec-p256-spki.pem")))
    }

    @Test func aPrivateKeyWithAnotherKeysPublicKeyIsRefused() throws {
        var der = try derOfPEM("ec-p256-sec1")
        der[20] ^= 1  // inside the private number
        #expect(throws: CryptoError(.invalidKey, "")) { try ECPrivateKey(parsingDER: der) }
    }

    @Test(arguments: EllipticCurve.allCases)
    func onlyTheCompressedFormIsACompressedPoint(curve: EllipticCurve) throws {
        let compressed = try ECPublicKey(parsingPEM: VectorFile.text("keys/ec-\(curve)-spki.pem")).compressedPoint
        let uncompressed = Array(try derOfPEM("ec-\(curve)-spki").suffix(1 + 2 * curve.fieldLength))
        try #require(uncompressed[0] == 4)
        var refused: [[UInt8]] = [[], [0], [2], [3], uncompressed, Array(compressed.dropLast()), compressed + [0]]
        for prefix: UInt8 in [0, 1, 4, 5, 6, 7, 0x82, 0xFF] { refused.append([prefix] + compressed.dropFirst()) }
        refused.append([6 + (uncompressed[uncompressed.count - 1] & 1)] + uncompressed.dropFirst())
        refused.append([2] + [UInt8](repeating: 0xFF, count: curve.fieldLength))  // x is not less than the prime
        for point in refused {
            #expect(throws: CryptoError(.invalidKey, ""), "\(Hex.encode(point))") {
                try ECPublicKey(compressedPoint: point.span, curve: curve)
            }
        }
    }

    @Test(arguments: EllipticCurve.allCases)
    func anXCoordinateWithoutAPointIsRefused(curve: EllipticCurve) throws {
        // About half of all numbers are not an x coordinate: both kinds must turn up among a few.
        var outcomes: Set<Bool> = []
        for x: UInt8 in 0..<32 {
            let point = [2] + [UInt8](repeating: 0, count: curve.fieldLength - 1) + [x]
            let key = try? ECPublicKey(compressedPoint: point.span, curve: curve)
            outcomes.insert(key != nil)
            if let key { #expect(key.compressedPoint == point) }
        }
        #expect(outcomes == [true, false])
    }

    @Test func anUncompressedPointOffTheCurveIsRefused() throws {
        for name in ["ec-p256-spki", "ec-p384-spki", "ec-p521-spki"] {
            var der = try derOfPEM(name)
            der[der.count - 1] ^= 1
            #expect(throws: CryptoError(.invalidKey, "")) { try ECPublicKey(parsingDER: der) }
        }
    }

    @Test(arguments: [
        "ec-p256-spki-hybrid", "ec-p384-spki-hybrid", "ec-p521-spki-hybrid", "ec-p256-spki-explicit", "ec-k256-spki",
        "rsa-spki", "rsa-pkcs1-public", "ec-p256-pkcs8", "ec-p256-sec1", "certificate", "ed25519",
        "ec-p256-pkcs8-encrypted", "rsa-pkcs1-encrypted",
    ])
    func whatIsNoUsablePublicKeyIsRefused(name: String) throws {
        let pem = try VectorFile.text("keys/\(name).pem")
        #expect(throws: CryptoError(.invalidKey, "")) { try ECPublicKey(parsingPEM: pem) }
        if name != "rsa-pkcs1-encrypted" {
            let der = try derOfPEM(name)
            #expect(throws: CryptoError(.invalidKey, "")) { try ECPublicKey(parsingDER: der) }
        }
    }

    @Test(arguments: [
        "ec-p256-sec1-explicit", "ec-k256-sec1", "rsa-pkcs8", "rsa-pkcs1", "rsa-pss", "ed25519", "ec-p256-spki",
        "ec-p256-pkcs8-encrypted", "certificate",
    ])
    func whatIsNoUsablePrivateKeyIsRefused(name: String) throws {
        let pem = try VectorFile.text("keys/\(name).pem")
        #expect(throws: CryptoError(.invalidKey, "")) { try ECPrivateKey(parsingPEM: pem) }
        let der = try derOfPEM(name)
        #expect(throws: CryptoError(.invalidKey, "")) { try ECPrivateKey(parsingDER: der) }
    }

    @Test(arguments: ["ec-p256-spki", "ec-p256-pkcs8", "ec-p256-sec1"])
    func everyTruncationAndAnyTrailingByteIsRefused(name: String) throws {
        let der = try derOfPEM(name)
        let isAccepted = { (der: [UInt8]) in
            name.hasSuffix("spki")
                ? (try? ECPublicKey(parsingDER: der)) != nil : (try? ECPrivateKey(parsingDER: der)) != nil
        }
        #expect(isAccepted(der))
        for length in der.indices { #expect(!isAccepted(Array(der[..<length])), "\(length)") }
        #expect(!isAccepted(der + [0]))
        #expect(!isAccepted(der + der))
    }
}
