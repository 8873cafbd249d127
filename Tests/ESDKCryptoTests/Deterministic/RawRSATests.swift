import ESDKCrypto
import Testing

@Suite("Raw RSA")
struct RawRSATests {
    @Test("A padding that was encoded by hand is taken away by libcrypto")
    func encodedByHand() throws {
        let key = try RSAPrivateKey(pem: VectorFile.text("keys/rsa-pkcs8.pem"))
        let plaintext: [UInt8] = [1, 2, 3, 0, 4]
        let filler = [UInt8](repeating: 0xA5, count: key.modulusLength - 3 - plaintext.count)
        let encoded = [0, 2] + filler + [0] + plaintext
        let ciphertext = try key.publicKey.encryptRaw(encoded.span)
        #expect(ciphertext.count == key.modulusLength)
        let decrypted = try key.decrypt(ciphertext.span, padding: .pkcs1)
        #expect(decrypted == SecretBytes(plaintext))
    }

    @Test("Bytes of another length, and a number not less than the modulus, are refused")
    func refused() throws {
        let key = try RSAPrivateKey(pem: VectorFile.text("keys/rsa-pkcs8.pem")).publicKey
        let short = [UInt8](repeating: 0, count: key.modulusLength - 1)
        #expect(throws: CryptoError(.invalidLength, "")) { try key.encryptRaw(short.span) }
        let great = [UInt8](repeating: 0xFF, count: key.modulusLength)
        #expect(throws: CryptoError(.libraryFailure, "")) { try key.encryptRaw(great.span) }
    }
}
