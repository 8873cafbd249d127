import AWSEncryptionSDK
import AWSMaterialProviders
import TestSupport
import Testing

@Suite("Encrypting streams")
struct EncryptingStreamTests {
    private static let suites: [AlgorithmSuite] = [
        .aes128GCM, .aes256GCMHKDFSHA256, .aes128GCMHKDFSHA256ECDSAP256, .aes256GCMHKDFSHA512CommitKey,
        .aes256GCMHKDFSHA512CommitKeyECDSAP384,
    ]

    @Test(
        "every chunking gives a message that reads the same",
        .spec(
            "encrypt/construct-the-body.3",
            "encrypt/construct-the-body.4",
            "encrypt/construct-the-header.31",
            "encrypt/construct-the-header.33",
            "encrypt/construct-a-frame.14",
            "encrypt/construct-a-frame.16",
            "encrypt/construct-the-signature.7",
            "encrypt/construct-the-signature.8",
            "streaming/outputs.3"
        ),
        arguments: suites,
        [1, 7, 64, 65, 1000]
    )
    func everyChunking(_ suite: AlgorithmSuite, _ chunkLength: Int) async throws {
        let client = try RoundTripTests.client(for: suite)
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        for count in [0, 1, 63, 64, 65, 128, 500] {
            let plaintext = RoundTripTests.plaintext(count)
            let oneShot = try await client.encrypt(plaintext, using: keyring, algorithmSuite: suite, frameLength: 64)
            let encryptor = client.encryptor(using: keyring, algorithmSuite: suite, frameLength: 64)
            var message: [UInt8] = []
            for start in stride(from: 0, to: count, by: chunkLength) {
                message += try await encryptor.update(Array(plaintext[start..<min(start + chunkLength, count)]))
            }
            #expect(count == 0 || encryptor.message?.algorithmSuite == suite)
            try await encryptor.finish(appendingTo: &message)
            #expect(message.count == oneShot.ciphertext.count, "\(count) bytes")
            #expect(try await client.decrypt(message, using: keyring).plaintext == plaintext, "\(count) bytes")
        }
    }

    @Test("an asynchronous sequence is encrypted and decrypted on the way", arguments: suites)
    func sequence(_ suite: AlgorithmSuite) async throws {
        let client = try RoundTripTests.client(for: suite)
        let keyring = try EncryptionKeyrings.aes(.aes192GCM)
        let chunks = (0..<40).map { RoundTripTests.plaintext($0 * 5) }
        let source = AsyncStream<[UInt8]> { continuation in
            for chunk in chunks { continuation.yield(chunk) }
            continuation.finish()
        }
        let message = client.encryptStream(source, using: keyring, algorithmSuite: suite, frameLength: 100)
        var plaintext: [UInt8] = []
        for try await chunk in client.decryptStream(message, using: keyring) { plaintext += chunk }
        #expect(plaintext == Array(chunks.joined()))
    }

    @Test("a file is encrypted and decrypted", arguments: [0, 1, 4096, 1_000_000])
    func file(_ count: Int) async throws {
        let directory = try TemporaryFolder()
        let plaintext = RoundTripTests.plaintext(count)
        try directory.write("plain", plaintext)
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let message = directory.file("message")
        let written = try await client.encryptFile(directory.file("plain"), to: message, using: keyring)
        let read = try await client.decryptFile(message, to: directory.file("again"), using: keyring)
        #expect(try directory.read("again") == plaintext)
        #expect(read.header.messageID == written.header.messageID)
        #expect(directory.names == ["again", "message", "plain"])
    }

    @Test("P11: more plaintext than announced is refused the moment it arrives, and the message gets no end")
    func boundIsEnforcedAtOnce() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let encryptor = client.encryptor(using: keyring, frameLength: 16, maximumPlaintextLength: 40)
        var message = try await encryptor.update(RoundTripTests.plaintext(40))
        let before = message.count
        do {
            try await encryptor.update([0], appendingTo: &message)
            Issue.record("the byte after the bound was accepted")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .plaintextTooLong)
        }
        #expect(message.count == before)
        do {
            try await encryptor.finish(appendingTo: &message)
            Issue.record("a message that had failed was given an end")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .encryptorFinished)
        }
    }

    @Test("P11: exactly as much plaintext as announced is accepted")
    func boundIsReached() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let encryptor = client.encryptor(using: keyring, frameLength: 16, maximumPlaintextLength: 40)
        var message = try await encryptor.update(RoundTripTests.plaintext(40))
        try await encryptor.finish(appendingTo: &message)
        #expect(try await client.decrypt(message, using: keyring).plaintext == RoundTripTests.plaintext(40))
    }

    @Test("a file longer than announced is refused, and no output appears")
    func fileBound() async throws {
        let directory = try TemporaryFolder()
        try directory.write("plain", RoundTripTests.plaintext(100))
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        await #expect(throws: EncryptionSDKError(.plaintextTooLong, "")) {
            try await client.encryptFile(
                directory.file("plain"),
                to: directory.file("message"),
                using: keyring,
                maximumPlaintextLength: 99
            )
        }
        #expect(directory.names == ["plain"])
    }

    @Test("a frame longer than what may be held in memory is refused")
    func heldFrameIsBounded() async throws {
        let client = try EncryptionSDK(maximumBufferedBytes: 1000)
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let encryptor = client.encryptor(using: keyring, frameLength: 2000)
        _ = try await encryptor.update(RoundTripTests.plaintext(1000))
        do {
            _ = try await encryptor.update([0])
            Issue.record("more than maximumBufferedBytes was held")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .bufferLimitExceeded)
        }
    }
}
