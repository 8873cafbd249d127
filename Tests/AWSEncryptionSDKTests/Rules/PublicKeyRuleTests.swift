import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// The rules about the public key in the encryption context of a signed message.
@Suite("Signature rules: public key")
struct PublicKeyRuleTests {
    /// Expects a refusal before any key is asked for.
    private func expectRefusalWithoutKeyCall(_ forge: Forge, _ code: EncryptionSDKError.Code) async throws {
        let keyring = StubKeyring(dataKey: forge.dataKey)
        await expectRefusal(of: try forge.sealed().bytes, by: try Reader(keyring), code)
        #expect(keyring.calls == 0)
    }

    @Test("S07: a signed suite without a public key is refused", arguments: Forge.signedSuites)
    func s07(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let text = forge.publicKeyText
        forge.publicKeyText = nil
        try await expectRefusalWithoutKeyCall(forge, .missingPublicKey)
        forge.footer = { _, _ in [] }
        try await expectRefusalWithoutKeyCall(forge, .missingPublicKey)
        forge.footer = nil
        forge.publicKeyText = text
        try await forge.expectOpening()
    }

    @Test(
        "S08: an unsigned suite with a public key is refused",
        arguments: AlgorithmSuite.all.filter { $0.signature == nil }
    )
    func s08(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        try await forge.expectOpening()
        forge.publicKeyText = Array(Base64.encode(try Forge.p384Key.get().publicKey.compressedPoint).utf8)
        try await expectRefusalWithoutKeyCall(forge, .unexpectedPublicKey)
        forge.publicKeyText = []
        try await expectRefusalWithoutKeyCall(forge, .unexpectedPublicKey)
    }

    @Test("S08: a public key supplied for an unsigned message is refused", arguments: Forge.unsignedSuites)
    func s08Supplied(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let supplied: EncryptionContext = [
            EncryptionContext.publicKeyName: Base64.encode(try Forge.p384Key.get().publicKey.compressedPoint)
        ]
        forge.requiredContext = Forge.serialized(supplied.entries)
        try await forge.expectRefusal(.unexpectedPublicKey, context: supplied)
    }

    @Test("The stored public key may be supplied again, another one may not", arguments: Forge.signedSuites)
    func suppliedPublicKey(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let text = String(decoding: try #require(forge.publicKeyText), as: UTF8.self)
        try await forge.expectOpening(context: [EncryptionContext.publicKeyName: text])
        let other = try ECPrivateKey.generate(try #require(suite.signature).curve).publicKey
        try await forge.expectRefusal(
            .encryptionContextMismatch,
            context: [EncryptionContext.publicKeyName: Base64.encode(other.compressedPoint)]
        )
    }

    @Test("S09: a public key that is not strict Base64 is refused", arguments: Forge.signedSuites)
    func s09Base64(suite: AlgorithmSuite) async throws {
        let original = try Forge(suite)
        let text = try #require(original.publicKeyText)
        let urlSafe = text.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "+") ? UInt8(ascii: "_") : $0 }
        var texts: [[UInt8]] = [[], text.dropLast(), text + Array("\n".utf8), Array(" ".utf8) + text]
        texts += [text + text, [UInt8](repeating: UInt8(ascii: "!"), count: text.count), [0] + text.dropFirst()]
        if urlSafe != text { texts.append(urlSafe) }
        for wrong in texts {
            var forge = original
            forge.publicKeyText = wrong
            try await expectRefusalWithoutKeyCall(forge, .invalidPublicKey)
        }
    }

    @Test("S09: a public key that is no compressed point of the curve is refused", arguments: Forge.signedSuites)
    func s09Points(suite: AlgorithmSuite) async throws {
        let original = try Forge(suite)
        let point = try #require(original.signingKey).publicKey.compressedPoint
        let curve = try #require(suite.signature).curve
        // About every second x belongs to no point.
        let offCurve = try #require(
            (0...255 as ClosedRange<UInt8>).lazy.map { point.dropLast() + [$0] }.first {
                (try? ECPublicKey(compressedPoint: $0.span, curve: curve)) == nil
            }
        )
        let wrongCurve = try (curve == .p256 ? Forge.p384Key : Forge.p256Key).get().publicKey.compressedPoint
        let fieldLength = point.count - 1
        let points: [(String, [UInt8])] = [
            ("infinity", [0]),
            ("off the curve", Array(offCurve)),
            ("of another curve", wrongCurve),
            ("uncompressed", Self.uncompressedGenerator(curve)),
            ("hybrid", [6] + Self.uncompressedGenerator(curve).dropFirst()),
            ("x alone", Array(point.dropFirst())),
            ("a byte too long", point + [0]),
            ("an x beyond the field", [2] + [UInt8](repeating: 0xFF, count: fieldLength)),
            ("compressed infinity", [0] + [UInt8](repeating: 0, count: fieldLength)),
            ("another form byte", [5] + point.dropFirst()),
        ]
        for (name, bytes) in points {
            var forge = original
            forge.publicKeyText = Array(Base64.encode(bytes).utf8)
            let keyring = StubKeyring(dataKey: forge.dataKey)
            await expectRefusal(
                of: try forge.sealed().bytes,
                by: try Reader(keyring),
                .invalidPublicKey,
                "\(name)"
            )
            #expect(keyring.calls == 0)
        }
    }

    @Test("S09: a suite on P-256 with a key on P-384 is refused, signature and all")
    func s09WrongCurveSigned() async throws {
        var forge = try Forge(.aes128GCMHKDFSHA256ECDSAP256)
        let key = try Forge.p384Key.get()
        forge.signingKey = key
        forge.publicKeyText = Array(Base64.encode(key.publicKey.compressedPoint).utf8)
        try await expectRefusalWithoutKeyCall(forge, .invalidPublicKey)
    }

    /// The base points of SEC 2, sections 2.4.2 and 2.5.1, uncompressed: legal points in an encoding that is not.
    private static func uncompressedGenerator(_ curve: EllipticCurve) -> [UInt8] {
        let digits =
            curve == .p256
            ? "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
            : "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
                + "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"
        return Hex.decode(digits) ?? []
    }
}
