import AWSEncryptionSDK
import Testing

/// What is seen of results when they are printed, logged or looked at in a debugger.
@Suite("Printing")
struct ResultPrintingTests {
    private static let secret = "attack at dawn"

    /// All the texts that can be made of a value.
    private func texts(of value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), String(describing: value), dumped]
    }

    private func expectNoPlaintext(in value: Any, sourceLocation: SourceLocation = #_sourceLocation) {
        let bytes = Array(Self.secret.utf8)
        let numbers = bytes.map(String.init)
        let forms = [
            Self.secret, numbers.joined(separator: ","), numbers.joined(separator: "-"),
            bytes.map { String($0, radix: 16) }.joined(),
        ]
        for text in texts(of: value) {
            let packed = text.filter { !$0.isWhitespace }
            for form in forms {
                let isShown = text.contains(form) || packed.contains(form)
                #expect(!isShown, sourceLocation: sourceLocation)
            }
        }
    }

    @Test("no plaintext is printed: of results, decryptors, encryptors and streams")
    func noPlaintext() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let encrypted = try await client.encrypt(Self.secret.utf8, using: keyring, encryptionContext: ["tenant": "42"])
        let decrypted = try await client.decrypt(encrypted.ciphertext, using: keyring)
        #expect(decrypted.plaintext == Array(Self.secret.utf8))
        expectNoPlaintext(in: encrypted)
        expectNoPlaintext(in: decrypted)
        expectNoPlaintext(in: [decrypted])
        expectNoPlaintext(in: Result<DecryptionResult, any Error>.success(decrypted))

        let encryptor = client.encryptor(using: keyring)
        _ = try await encryptor.update(Self.secret.utf8)
        expectNoPlaintext(in: encryptor)
        let decryptor = client.decryptor(using: keyring)
        _ = try await decryptor.update(encrypted.ciphertext)
        expectNoPlaintext(in: decryptor)

        let source = AsyncStream { continuation in
            continuation.yield(encrypted.ciphertext)
            continuation.finish()
        }
        let stream = client.decryptStream(source, using: keyring)
        var iterator = stream.makeAsyncIterator()
        expectNoPlaintext(in: iterator)
        while try await iterator.next() != nil { expectNoPlaintext(in: iterator) }
        expectNoPlaintext(in: stream)
    }

    @Test("a result is printed with its length, suite, encryption context and key")
    func readable() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let encrypted = try await client.encrypt(Self.secret.utf8, using: keyring, encryptionContext: ["tenant": "42"])
        let decrypted = try await client.decrypt(encrypted.ciphertext, using: keyring)
        for text in texts(of: decrypted) { #expect(text.contains("14 bytes")) }
        for text in texts(of: encrypted) { #expect(text.contains("\(encrypted.ciphertext.count) bytes")) }
        for text in ["\(encrypted)", "\(decrypted)"] {
            #expect(text.contains("\(decrypted.algorithmSuite)"))
            #expect(text.contains("\(decrypted.encryptionContext)"))
        }
        #expect("\(decrypted)".contains("\(keyring)"))
    }

    @Test("results have the same shape in both directions")
    func shape() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let encrypted = try await client.encrypt([1], using: keyring, encryptionContext: ["tenant": "42"])
        let decrypted = try await client.decrypt(encrypted.ciphertext, using: keyring)
        #expect(encrypted.header.messageID == decrypted.header.messageID)
        #expect(encrypted.algorithmSuite == decrypted.algorithmSuite)
        #expect(encrypted.encryptionContext == decrypted.encryptionContext)
        #expect(encrypted.message.header.messageID == decrypted.message.header.messageID)
    }
}
