import ESDKSystem
import TestSupport
import Testing

@testable import ESDKCrypto

@Suite("Key generation and PEM writing")
struct KeyWritingTests {
    private static func bytes(_ secret: SecretBytes) -> [UInt8] { [UInt8](bytesOf: secret.span) }

    /// What openssl says of a key in a file.
    private func openssl(_ arguments: [String], _ pem: SecretBytes) throws -> TestProcess.Output {
        let folder = try TemporaryFolder()
        try folder.write("key.pem", Self.bytes(pem))
        return try TestProcess.run(["openssl"] + arguments, in: folder.path)
    }

    @Test("RSA keys have the length asked for, and openssl reads both halves", arguments: [2_048, 3_072])
    func rsa(bits: Int) throws {
        let key = try RSAPrivateKey.generate(modulusBits: bits)
        #expect(key.publicKey.modulusBits == bits)
        let text = try String(decoding: Self.bytes(key.pem()), as: UTF8.self)
        #expect(text.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 64 })
        #expect(try RSAPrivateKey(parsingPEM: text).publicKey == key.publicKey)
        let check = try openssl(["pkey", "-in", "key.pem", "-noout", "-text", "-check"], key.pem())
        #expect(check.status == 0)
        #expect(check.standardOutput.contains("\(bits) bit"))
        let publicText = try String(decoding: Self.bytes(key.publicKeyPEM()), as: UTF8.self)
        #expect(try RSAPublicKey(parsingPEM: publicText) == key.publicKey)
        #expect(try openssl(["pkey", "-pubin", "-in", "key.pem", "-noout"], key.publicKeyPEM()).status == 0)
    }

    @Test("RSA keys of other lengths are refused", arguments: [0, 1_024, 2_047, 4_097])
    func rsaLength(bits: Int) {
        #expect(throws: CryptoError.self) { try RSAPrivateKey.generate(modulusBits: bits) }
    }

    @Test("Keys on every curve are read by openssl, both halves", arguments: EllipticCurve.allCases)
    func ec(curve: EllipticCurve) throws {
        let key = try ECPrivateKey.generate(curve)
        let text = try String(decoding: Self.bytes(key.pem()), as: UTF8.self)
        #expect(try ECPrivateKey(parsingPEM: text).publicKey == key.publicKey)
        #expect(try openssl(["pkey", "-in", "key.pem", "-noout", "-check"], key.pem()).status == 0)
        let publicText = try String(decoding: Self.bytes(key.publicKeyPEM()), as: UTF8.self)
        #expect(publicText.hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
        #expect(try ECPublicKey(parsingPEM: publicText) == key.publicKey)
        #expect(try openssl(["pkey", "-pubin", "-in", "key.pem", "-noout"], key.publicKeyPEM()).status == 0)
    }
}
