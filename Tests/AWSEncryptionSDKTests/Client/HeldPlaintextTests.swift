import AWSEncryptionSDK
import TestSupport
import Testing

/// The plaintext of a signed message, which waits for the signature.
@Suite("Held plaintext")
struct HeldPlaintextTests {
    private let client: EncryptionSDK
    private let keyring: RawAESKeyring

    init() throws {
        client = try EncryptionSDK()
        keyring = try EncryptionKeyrings.aes(.aes256GCM)
    }

    /// A plaintext that is made on the way, piece by piece.
    private struct Source: AsyncSequence, Sendable {
        let pieces: Int
        static let length = 1 << 20

        struct Iterator: AsyncIteratorProtocol {
            var rest: Int
            mutating func next() async -> [UInt8]? {
                guard rest > 0 else { return nil }
                rest -= 1
                return [UInt8](repeating: UInt8(truncatingIfNeeded: rest), count: Source.length)
            }
        }

        func makeAsyncIterator() -> Iterator { Iterator(rest: pieces) }
    }

    @Test("a stream of the default suite works at any size: more than the default limit goes by way of a file")
    func anySize() async throws {
        let pieces = EncryptionSDK.defaultMaximumBufferedBytes / Source.length + 3
        let message = client.encryptStream(Source(pieces: pieces), using: keyring)
        let stream = client.decryptStream(message, using: keyring)
        var length = 0
        for try await piece in stream {
            let (start, end) = (length / Source.length, (length + piece.count - 1) / Source.length)
            #expect(piece.first == UInt8(truncatingIfNeeded: pieces - 1 - start))
            #expect(piece.last == UInt8(truncatingIfNeeded: pieces - 1 - end))
            length += piece.count
        }
        #expect(length == pieces * Source.length)
        #expect(stream.message?.algorithmSuite.signature != nil)
    }

    @Test(
        "what is held spills at the limit into a file without a name, in the folder that was asked for",
        arguments: [999, 1000, 1001, 5000, 600_000]
    )
    func spills(_ count: Int) async throws {
        let folder = try TemporaryFolder()
        let plaintext = RoundTripTests.plaintext(count)
        let message = try await client.encrypt(plaintext, using: keyring, frameLength: 500).ciphertext
        let small = try EncryptionSDK(maximumBufferedBytes: 1000)
        let holding = SignedMessagePolicy.Holding.memoryThenTemporaryFile(directory: folder.path)
        let decryptor = small.decryptor(using: keyring, signedMessages: .holdUntilVerified(holding))
        for chunk in message.chunks(of: 300) {
            #expect(try await decryptor.update(chunk).isEmpty)
            #expect(folder.names.isEmpty)
        }
        var output: [UInt8] = [9]
        try await decryptor.finish(appendingTo: &output)
        let isRight = output == [9] + plaintext
        #expect(isRight)
    }

    @Test("a file is made only when the limit is passed, and a folder where none can be made is an error then")
    func spillsLate() async throws {
        let small = try EncryptionSDK(maximumBufferedBytes: 1000)
        let holding = SignedMessagePolicy.Holding.memoryThenTemporaryFile(directory: "/nonexistent/folder")
        for (count, opens) in [(1000, true), (1001, false)] {
            let plaintext = RoundTripTests.plaintext(count)
            let message = try await client.encrypt(plaintext, using: keyring, frameLength: 500).ciphertext
            let decryptor = small.decryptor(using: keyring, signedMessages: .holdUntilVerified(holding))
            var output: [UInt8] = []
            do {
                try await decryptor.update(message, appendingTo: &output)
                try await decryptor.finish(appendingTo: &output)
                #expect(opens)
                #expect(output == plaintext)
            } catch let error as EncryptionSDKError {
                #expect(!opens)
                #expect(error.code == .inputOutput)
                #expect(output.isEmpty)
            }
        }
    }

    @Test("a signature that does not verify releases nothing, from memory or from a file", arguments: [10, 5000])
    func badSignature(_ count: Int) async throws {
        var message = try await client.encrypt(RoundTripTests.plaintext(count), using: keyring, frameLength: 500)
            .ciphertext
        message[message.count - 1] ^= 1
        let small = try EncryptionSDK(maximumBufferedBytes: 1000)
        let decryptor = small.decryptor(using: keyring)
        var output: [UInt8] = []
        await #expect(throws: EncryptionSDKError(.signatureMismatch, "")) {
            for chunk in message.chunks(of: 300) { try await decryptor.update(chunk, appendingTo: &output) }
        }
        await #expect(throws: EncryptionSDKError(.decryptorFinished, "")) {
            try await decryptor.finish { _ in Issue.record("released") }
        }
        #expect(output.isEmpty)
    }

    @Test("an error of the sink ends the decryptor, and reaches the caller")
    func sinkFails() async throws {
        struct Full: Error {}
        let message = try await client.encrypt([1, 2, 3], using: keyring).ciphertext
        let decryptor = client.decryptor(using: keyring)
        _ = try await decryptor.update(message)
        await #expect(throws: Full.self) { try await decryptor.finish { _ in throw Full() } }
        await #expect(throws: EncryptionSDKError(.decryptorFinished, "")) { try await decryptor.finish { _ in } }
    }

    @Test("verifying says what decrypting says, releases nothing, and refuses what decrypting refuses")
    func verification() async throws {
        let suites: [AlgorithmSuite] = [.aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA512CommitKeyECDSAP384]
        let folder = try TemporaryFolder()
        for suite in suites {
            let message = try await client.encrypt(
                RoundTripTests.plaintext(600_000),
                using: keyring,
                encryptionContext: ["tenant": "42"],
                algorithmSuite: suite
            ).ciphertext
            let verified = try await client.verify(message, using: keyring, encryptionContext: ["tenant": "42"])
            #expect(verified.algorithmSuite == suite)
            #expect(verified.encryptionContext["tenant"] == "42")
            #expect(verified.dataKeyOrigin?.encryptedDataKey == 0)
            try folder.write("message", message)
            let file = folder.file("message")
            let verifiedFile = try await client.verifyFile(file, using: keyring)
            #expect(verifiedFile.header.messageID == verified.header.messageID)

            var altered = message
            altered[message.count - 1] ^= 1
            for refused in [altered, message + [0], Array(message.dropLast()), Array(message.prefix(20)), []] {
                let expected = await #expect(throws: EncryptionSDKError.self) {
                    _ = try await client.decrypt(refused, using: keyring)
                }
                let error = await #expect(throws: EncryptionSDKError.self) {
                    try await client.verify(refused, using: keyring)
                }
                #expect(error?.code == expected?.code)
                try folder.write("message", refused)
                let fileError = await #expect(throws: EncryptionSDKError.self) {
                    try await client.verifyFile(file, using: keyring)
                }
                #expect(fileError?.code == expected?.code)
            }
            await #expect(throws: EncryptionSDKError(.encryptionContextMismatch, "")) {
                try await client.verify(message, using: keyring, encryptionContext: ["tenant": "43"])
            }
            #expect(folder.names == ["message"])
        }
    }

    @Test("a non-framed message is verified too", arguments: Forge.suites)
    func nonFramed(_ suite: AlgorithmSuite) async throws {
        let forge = try Forge.nonFramed(suite)
        let reader = try forge.reader()
        let message = try forge.sealed().bytes
        #expect(try await reader.client.verify(message, using: reader.materialsManager).algorithmSuite == suite)
    }
}
