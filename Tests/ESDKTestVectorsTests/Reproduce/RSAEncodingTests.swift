import AWSMaterialProviders
import ESDKCrypto
import ESDKTestVectors
import Testing

/// The expected encodings are those of libcrypto, whose random part is recovered.
@Suite("RSA encoding")
struct RSAEncodingTests {
    static let paddings: [RSAPadding] = [
        .pkcs1, .oaep(.sha1), .oaep(.sha256), .oaep(.sha384), .oaep(.sha512),
    ]

    @Test("What libcrypto encrypted is encrypted again with the same random part", arguments: paddings)
    func reproducesLibcrypto(padding: RSAPadding) throws {
        let key = try RSAPrivateKey(pem: SampleKeys.rsa)
        let encoding = RSAEncoding(padding, modulusLength: key.modulusLength)
        for length in [1, 16, 24, 32] {
            let message = SecretBytes([UInt8](1...UInt8(length)))
            let ciphertext = try key.publicKey.encrypt(message.span, padding: padding)
            let random = try encoding.random(in: key.decryptRaw(ciphertext.span), messageLength: length)
            let encoded = try encoding.encode(message, random: #require(random))
            #expect(try key.publicKey.encryptRaw(encoded.span) == ciphertext)
        }
    }

    @Test("What is encoded here is decrypted by libcrypto", arguments: paddings)
    func acceptedByLibcrypto(padding: RSAPadding) throws {
        let key = try RSAPrivateKey(pem: SampleKeys.rsa)
        let encoding = RSAEncoding(padding, modulusLength: key.modulusLength)
        let message = SecretBytes([UInt8](1...32))
        let random = [UInt8](repeating: 0xA5, count: try #require(encoding.randomLength(messageLength: 32)))
        let encoded = try encoding.encode(message, random: random)
        let ciphertext = try key.publicKey.encryptRaw(encoded.span)
        #expect(try key.decrypt(ciphertext.span, padding: padding) == message)
        #expect(try encoding.random(in: SecretBytes(encoded), messageLength: 32) == random)
    }

    @Test("Messages that do not fit and random parts of another length are refused")
    func lengths() throws {
        let oaep = RSAEncoding(.oaep(.sha512), modulusLength: 128)
        #expect(oaep.randomLength(messageLength: 1) == nil)
        let pkcs1 = RSAEncoding(.pkcs1, modulusLength: 64)
        #expect(pkcs1.randomLength(messageLength: 53) == 8)
        #expect(pkcs1.randomLength(messageLength: 54) == nil)
        #expect(throws: CryptoError.self) { try pkcs1.encode(SecretBytes([1]), random: [1]) }
        #expect(try pkcs1.random(in: SecretBytes([0, 2, 1]), messageLength: 16) == nil)
    }

    @Test("A ciphertext of another length, or no less than the modulus, has no encoded message")
    func rawRange() throws {
        let key = try RSAPrivateKey(pem: SampleKeys.rsa)
        let short: [UInt8] = [1]
        let great = [UInt8](repeating: 0xFF, count: key.modulusLength)
        #expect(throws: CryptoError.self) { try key.decryptRaw(short.span) }
        #expect(throws: CryptoError.self) { try key.decryptRaw(great.span) }
    }
}
