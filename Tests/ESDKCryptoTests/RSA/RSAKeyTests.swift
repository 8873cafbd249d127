import ESDKCrypto
import TestSupport
import Testing

@Suite struct RSAKeyTests {
    @Test(arguments: ["rsa-spki", "rsa-pkcs1-public"])
    func publicKeysAreReadInEveryEncoding(name: String) throws {
        #expect(try RSAPublicKey(parsingPEM: VectorFile.text("keys/\(name).pem")).modulusLength == 256)
        #expect(try RSAPublicKey(parsingDER: derOfPEM(name)).modulusLength == 256)
    }

    @Test(arguments: ["rsa-pkcs8", "rsa-pkcs1"])
    func privateKeysAreReadInEveryEncoding(name: String) throws {
        let key = try RSAPrivateKey(parsingPEM: VectorFile.text("keys/\(name).pem"))
        #expect(key.modulusLength == 256)
        #expect(key.publicKey.modulusLength == 256)
        #expect(try RSAPrivateKey(parsingDER: derOfPEM(name)).modulusLength == 256)
    }

    @Test func explanatoryTextBeforeTheKeyIsSkipped() throws {
        #expect(try RSAPrivateKey(parsingPEM: VectorFile.text("keys/rsa-with-text.pem")).modulusLength == 256)
    }

    @Test(arguments: [
        "ec-p256-pkcs8", "ec-p256-sec1", "ed25519", "rsa-pss", "rsa-spki", "rsa-pkcs1-public", "rsa-pkcs8-encrypted",
        "certificate",
    ])
    func whatIsNoUsablePrivateKeyIsRefused(name: String) throws {
        let pem = try VectorFile.text("keys/\(name).pem")
        #expect(throws: CryptoError(.invalidKey, "")) { try RSAPrivateKey(parsingPEM: pem) }
        let der = try derOfPEM(name)
        #expect(throws: CryptoError(.invalidKey, "")) { try RSAPrivateKey(parsingDER: der) }
    }

    @Test(arguments: ["ec-p256-spki", "ed25519", "rsa-pkcs8", "rsa-pkcs1", "certificate"])
    func whatIsNoUsablePublicKeyIsRefused(name: String) throws {
        let pem = try VectorFile.text("keys/\(name).pem")
        #expect(throws: CryptoError(.invalidKey, "")) { try RSAPublicKey(parsingPEM: pem) }
        let der = try derOfPEM(name)
        #expect(throws: CryptoError(.invalidKey, "")) { try RSAPublicKey(parsingDER: der) }
    }

    @Test(arguments: ["rsa-spki", "rsa-pkcs1-public", "rsa-pkcs8", "rsa-pkcs1"])
    func everyTruncationAndAnyTrailingByteIsRefused(name: String) throws {
        let der = try derOfPEM(name)
        let isPublic = name == "rsa-spki" || name == "rsa-pkcs1-public"
        let isAccepted = { (der: [UInt8]) in
            isPublic ? (try? RSAPublicKey(parsingDER: der)) != nil : (try? RSAPrivateKey(parsingDER: der)) != nil
        }
        #expect(isAccepted(der))
        for length in der.indices { #expect(!isAccepted(Array(der[..<length])), "\(length)") }
        #expect(!isAccepted(der + [0]))
        #expect(!isAccepted(der + der))
    }
}
