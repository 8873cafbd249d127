// Only what a user imports: this file is the tour of the README, compiled and run.
import AWSEncryptionSDK
import Foundation
import Testing

@Suite("The README's tour")
struct TourTests {
    private static let plaintext = Array("as an example".utf8)

    private func makeKeyring() throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "HSM_01",
            keyName: "AES_256_012",
            wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
    }

    /// A key that was made for this test by `openssl genpkey`.
    private func makeEscrowKeyring() throws -> RawRSAKeyring {
        let key = try RSAPrivateKey(pem: Self.escrowKey)
        return try RawRSAKeyring(
            keyNamespace: "escrow",
            keyName: "2024",
            paddingScheme: .oaep(.sha256),
            publicKey: key.publicKey,
            privateKey: key
        )
    }

    @Test("decrypts with an AES key, and says what was authenticated and by which key")
    func decryptsWithAnAESKey() async throws {
        let keyring = try makeKeyring()
        let sdk = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt, maximumEncryptedDataKeys: 5)
        let encrypted = try await sdk.encrypt(Self.plaintext, using: keyring, encryptionContext: ["tenant": "42"])

        let result = try await sdk.decrypt(encrypted.ciphertext, using: keyring, encryptionContext: ["tenant": "42"])
        #expect(result.plaintext == Self.plaintext)
        #expect(result.message.encryptionContext["tenant"] == "42")
        #expect(result.message.dataKeyOrigin?.encryptedDataKey == 0)
        #expect(result.message.algorithmSuite == .aes256GCMHKDFSHA512CommitKeyECDSAP384)
    }

    @Test("opens a message by its escrow key alone, and keeps the reason for each key when none opens")
    func decryptsWithAnEscrowKey() async throws {
        let keyring = try makeKeyring()
        let escrow = try makeEscrowKeyring()
        let either = try MultiKeyring(generator: keyring, childKeyrings: [escrow])
        let sdk = try EncryptionSDK()
        let message = try await sdk.encrypt(Self.plaintext, using: either).ciphertext
        #expect(try await sdk.decrypt(message, using: escrow).plaintext == Self.plaintext)

        let stranger = try RawAESKeyring(
            keyNamespace: "HSM_01",
            keyName: "AES_256_012",
            wrappingKey: SecretBytes([UInt8](repeating: 8, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
        let error = await #expect(throws: EncryptionSDKError.self) { try await sdk.decrypt(message, using: stranger) }
        #expect(error?.code == .noDataKey)
        #expect(error?.refusals.map(\.error.code) == [.unwrappingFailed, .notForThisKeyring])
    }

    @Test("streams: pushed chunks, an asynchronous sequence, and files")
    func streams() async throws {
        let keyring = try makeKeyring()
        let sdk = try EncryptionSDK()
        let message = try await sdk.encrypt(Self.plaintext, using: keyring, frameLength: 4).ciphertext
        let chunks = stride(from: 0, to: message.count, by: 100).map { Array(message[$0...].prefix(100)) }

        var sink: [UInt8] = []
        let decryptor = sdk.decryptor(using: keyring)
        for chunk in chunks { sink.append(contentsOf: try await decryptor.update(chunk)) }
        #expect(sink.isEmpty)
        try await decryptor.finish { sink.append(contentsOf: $0) }
        #expect(sink == Self.plaintext)

        sink = []
        let asyncChunks = AsyncStream { continuation in
            for chunk in chunks { continuation.yield(chunk) }
            continuation.finish()
        }
        for try await plaintext in sdk.decryptStream(asyncChunks, using: keyring) {
            sink.append(contentsOf: plaintext)
        }
        #expect(sink == Self.plaintext)

        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appending(path: "backup.esdk")
        let output = folder.appending(path: "backup.tar")
        try Data(message).write(to: input)
        try await sdk.decryptFile(input.path, to: output.path, using: keyring)
        #expect(Array(try Data(contentsOf: output)) == Self.plaintext)
    }

    private static let escrowKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCTOdeAq1BwcWpd
        ySEgME+6p//xZqvTWgX3eSreBvvijh8t1I05rATJaMlQxAFqv9mAUFbIMRWobBpl
        AVVgBTT47HIq30tKe2X0UIFvSqoadGmxP6HxuX5Ck6okONorXSjJCrsakhe5/GiQ
        e3yRH42dqrwjTlLP/qYsWlC7rDKCUZPJt3cXgt/V3/5c6z5TO9TsZm+I/o2An1mZ
        i2Iczb/KZWMYxmmPFkHg/GdZ8ilEFaF9Tuww4NOxTN5bHNhdB+RiLQmb3Eqo5nAT
        X2RmBg08NDWjpqb/fMyD804Azqdp4WVTIum5lHZR2amk6ifnV6fdvK8Uqfu7jEfA
        1nFgd1GdAgMBAAECggEAGtgRlJrn9FChqc8J9LIKX4jRUIU9cDB6ZQiZSdlxJPpv
        8e3PAER+rPCnwEu0zG+Fq3E6mY7lmYt4dpE7LWJVqcuG9402T7LXQKhLKW0uPdub
        B+AH2ajOPjppa+hX009Np/aGbg5UOCuvLyTs7hMYQbbHThKyY81VJEIldUqs/Pi2
        /GqjZajWeiPJcarR4IOUQPuA33d//AyuYWA9zV6iDu0ZaBR3OmLBiZM6+sbL9/cp
        UXc+0VN3W57eBsqug1MhDlDeelQ+wScwYFIhRa9jbs9lGxmusq3/YdjnxJUyIKoq
        rlYq+4vLWd4z9Ium0wx9ddhKcMrmOIei8cHbeMAuGwKBgQDMI3KjT3vh81R6s3JS
        Da/sKftFVcsWn6umZ2mn4H57znTz2ZXO7pyFyuTirJZZOROy2H4qFyxhnsLHuhex
        BRXno7hbJ6qyEwO7zIwsF8J5u/OTRv8NxtKUD2FrQcMPgUAMgcXDCWYZWH1BLucY
        RgIamTBfRZP1Dt1UHxXvHX1hJwKBgQC4oPl+3Ou/tChPoBVNgXgN+z/nOFhrwkUc
        WhABpf47lblu7q7g0DqUdNpaYFiSjU1sKUwF3INnPbE0XIOZbGmQpyYNC4kDRtLJ
        Mk0eG9cgwKT70Nl6Ctt4yF9VpAU0ZktNhFFJUI/oEsSgXDn7o0bonv4g7rtiDBiR
        7qqkKXfpmwKBgB+wyRUtO7AiFFVQEklGsq7Y/ZcP8I08kGsu1qonIbuam3FXr/gF
        9uqWSt4dqOGFCNfU4BEss8kb2mUjMJZckb/6HJ6aE9e9N/EpmgEmVxyK3w9YEDRV
        T0+I67i45s07ZXQLmWXjyaPZpug9ncaY5661ZVsE9Ckw+48ZnFAYpeQ1AoGAeMZc
        z19HHF2GrSfEJ7JUzZiY4fFa7grkWLqVk+55E5NK/UVHwqqUV37lQ4+ZAS1MA0A0
        ifUJRGT34Y/PSnK/z6931brBAxK2WoT8K4D8xmEey9eAHDS0AxvYOVaVTQTJp8ix
        v+riaGa2l0wdZf4WKZ+wD+z7SRUukW/10nOKDJcCgYAm/ZHBNRfme/4DAbOLKJBu
        FQIu5yu8+D3YrVF1rgea4qFxUZ6Ug6L5BIlbYfd8eax/1tG0jfrjVW6+AxFYhIQ7
        c+We+tLZVJmQ8CaQaLz2UOv64kmIg/p6jCNxHw3NX17D2VS7NEYFuj087/IxWWbJ
        F7/gphCjIdVc5Ru9VRDl1w==
        -----END PRIVATE KEY-----
        """
}
