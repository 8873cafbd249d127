import ESDKCrypto
import TestSupport
import Testing

@Suite struct RSADecryptionTests {
    struct Group: Decodable {
        struct Case: Decodable {
            let id: Int
            let comment: String
            let result: Verdict
            let msg: String
            let ct: String
        }

        let privateKeyPkcs8: String
        let tests: [Case]
    }

    private func decrypt(_ ciphertext: [UInt8], _ padding: RSAPadding, _ key: RSAPrivateKey) throws -> SecretBytes {
        try key.decrypt(ciphertext.span, padding: padding)
    }

    @Test(arguments: [
        ("rsa-oaep-sha1", RSAPadding.oaep(.sha1)), ("rsa-oaep-sha256", .oaep(.sha256)),
        ("rsa-oaep-sha384", .oaep(.sha384)), ("rsa-oaep-sha512", .oaep(.sha512)), ("rsa-pkcs1", .pkcs1),
    ])
    func wycheproof(file: String, padding: RSAPadding) throws {
        for group in try WycheproofFile<Group>.load(file) {
            let key = try RSAPrivateKey(parsingDER: bytes(group.privateKeyPkcs8))
            for vector in group.tests {
                let ciphertext = try bytes(vector.ct)
                let message = SecretBytes(try bytes(vector.msg))
                if vector.result == .valid {
                    #expect(try decrypt(ciphertext, padding, key) == message, "test \(vector.id)")
                } else if padding == .pkcs1 {
                    // A libcrypto with implicit rejection answers with other bytes instead of an error.
                    let answer = try? decrypt(ciphertext, padding, key)
                    #expect(answer != message, "test \(vector.id): \(vector.comment)")
                } else {
                    #expect(throws: RSAPrivateKey.decryptionFailed, "test \(vector.id): \(vector.comment)") {
                        try decrypt(ciphertext, padding, key)
                    }
                }
            }
        }
    }

    @Test func theHashOfOAEPAndOfItsMaskAreBothTheStatedOne() throws {
        let group = try #require(try WycheproofFile<Group>.load("rsa-oaep-sha256").first)
        let vector = try #require(group.tests.first { $0.result == .valid })
        let key = try RSAPrivateKey(parsingDER: bytes(group.privateKeyPkcs8))
        let ciphertext = try bytes(vector.ct)
        for padding: RSAPadding in [.oaep(.sha1), .oaep(.sha384), .oaep(.sha512)] {
            #expect(throws: CryptoError(.decryptionFailed, "")) { try decrypt(ciphertext, padding, key) }
        }
    }

    @Test(arguments: [RSAPadding.pkcs1, .oaep(.sha1), .oaep(.sha256), .oaep(.sha384), .oaep(.sha512)])
    func everyFailureHasTheSameCodeAndTheSameWords(padding: RSAPadding) throws {
        let key = try RSAPrivateKey(parsingPEM: VectorFile.text("keys/rsa-pkcs8.pem"))
        let group = try #require(
            try WycheproofFile<Group>.load(padding == .pkcs1 ? "rsa-pkcs1" : "rsa-oaep-sha256").first
        )
        let forAnotherKey = try bytes(try #require(group.tests.first { $0.result == .valid }).ct)
        let ciphertexts = [
            [], [0], [UInt8](repeating: 0, count: 255), [UInt8](repeating: 0, count: 256),
            [UInt8](repeating: 0xFF, count: 256), [UInt8](repeating: 1, count: 257), forAnotherKey,
            Array(forAnotherKey.reversed()),
        ]
        var descriptions: Set<String> = []
        for ciphertext in ciphertexts {
            do {
                _ = try decrypt(ciphertext, padding, key)
                #expect(padding == .pkcs1, "only a libcrypto with implicit rejection gives an answer")
            } catch {
                descriptions.insert("\(error)")
            }
        }
        #expect(descriptions == ["decryptionFailed: RSA decryption failed"])
    }

    @Test(arguments: [RSAPadding.pkcs1, .oaep(.sha256)])
    func aCiphertextThatIsShorterThanTheModulusIsRefusedEvenWhereItsNumberIsRight(padding: RSAPadding) throws {
        let key = try RSAPrivateKey(parsingPEM: VectorFile.text("keys/rsa-pkcs8.pem"))
        let message = SecretBytes([UInt8](repeating: 7, count: 32))
        var ciphertext: [UInt8] = [1]
        // About one in 256 begins with a zero.
        while ciphertext[0] != 0 { ciphertext = try key.publicKey.encrypt(message.span, padding: padding) }
        #expect(try decrypt(ciphertext, padding, key) == message)
        #expect(throws: RSAPrivateKey.decryptionFailed) { try decrypt(Array(ciphertext.dropFirst()), padding, key) }
        #expect(throws: RSAPrivateKey.decryptionFailed) { try decrypt([0] + ciphertext, padding, key) }
    }

    @Test func oneKeyServesManyTasksAtOnce() async throws {
        let group = try #require(try WycheproofFile<Group>.load("rsa-oaep-sha256").first)
        let vector = try #require(group.tests.first { $0.result == .valid })
        let key = try RSAPrivateKey(parsingDER: bytes(group.privateKeyPkcs8))
        let ciphertext = try bytes(vector.ct)
        let broken = ciphertext.reversed() as [UInt8]
        let message = SecretBytes(try bytes(vector.msg))
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            for number in 0..<40 {
                tasks.addTask {
                    if number.isMultiple(of: 2) {
                        return try key.decrypt(ciphertext.span, padding: .oaep(.sha256)) == message
                    }
                    return (try? key.decrypt(broken.span, padding: .oaep(.sha256))) == nil
                }
            }
            for try await isRight in tasks { #expect(isRight) }
        }
    }
}

@Suite("Raw RSA")
struct RawRSATests {
    @Test("A padding that was encoded by hand is taken away by libcrypto")
    func encodedByHand() throws {
        let key = try RSAPrivateKey(parsingPEM: VectorFile.text("keys/rsa-pkcs8.pem"))
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
        let key = try RSAPrivateKey(parsingPEM: VectorFile.text("keys/rsa-pkcs8.pem")).publicKey
        let short = [UInt8](repeating: 0, count: key.modulusLength - 1)
        #expect(throws: CryptoError(.invalidLength, "")) { try key.encryptRaw(short.span) }
        let great = [UInt8](repeating: 0xFF, count: key.modulusLength)
        #expect(throws: CryptoError(.libraryFailure, "")) { try key.encryptRaw(great.span) }
    }
}
