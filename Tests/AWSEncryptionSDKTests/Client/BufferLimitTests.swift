import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// What a stream may hold in memory is bounded by `maximumBufferedBytes`, however the message is chopped up.
@Suite("maximumBufferedBytes")
struct BufferLimitTests {
    private static let streams = Reading.streams

    private func client(limit: Int) throws -> EncryptionSDK {
        try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt, maximumBufferedBytes: limit)
    }

    /// Expects streams to need exactly `limit` bytes, and one-shot to need no limit.
    private func expectNeed(
        of limit: Int,
        by forge: Forge,
        policy: SignedMessagePolicy = .releaseFramesBeforeSignatureIsVerified,
        offset: (Forge.Message) -> Int?,
        frame: UInt32? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let message = try forge.sealed()
        var reader = try forge.reader(client: client(limit: limit))
        reader.policy = policy
        await expectOpening(of: message.bytes, by: reader, forge.plaintext, sourceLocation: sourceLocation)
        reader.client = try client(limit: limit - 1)
        await expectRefusal(
            of: message.bytes,
            by: reader,
            .bufferLimitExceeded,
            offset: offset(message).map(UInt64.init),
            frame: frame,
            readings: Self.streams,
            sourceLocation: sourceLocation
        )
        await expectOpening(
            of: message.bytes,
            by: reader,
            forge.plaintext,
            readings: [.oneShot],
            sourceLocation: sourceLocation
        )
    }

    @Test("A header is held up to the limit", arguments: Forge.suites)
    func header(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite, frameLength: 8, context: ["key": String(repeating: "v", count: 500)])
        let length = try forge.sealed().frames[0]
        try await expectNeed(of: length, by: forge, offset: { _ in 0 })
    }

    @Test("A regular frame is held up to the limit", arguments: Forge.suites)
    func regularFrame(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite, plaintext: [UInt8](repeating: 7, count: 5_000), frameLength: 2_000)
        try await expectNeed(of: 4 + 12 + 2_000 + 16, by: forge, offset: { $0.frames[0] }, frame: 1)
    }

    @Test("A final frame is held up to the limit", arguments: Forge.suites)
    func finalFrame(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite, plaintext: [UInt8](repeating: 7, count: 2_000), frameLength: 4_000)
        try await expectNeed(of: 4 + 4 + 12 + 4 + 2_000 + 16, by: forge, offset: { $0.frames[0] }, frame: 1)
    }

    @Test("A non-framed body is held up to the limit", arguments: Forge.suites)
    func nonFramedBody(suite: AlgorithmSuite) async throws {
        let forge = try Forge.nonFramed(suite, plaintext: [UInt8](repeating: 7, count: 2_000))
        try await expectNeed(of: 12 + 8 + 2_000 + 16, by: forge, offset: { $0.frames[0] })
    }

    @Test("The plaintext of a signed message is held up to the limit", arguments: Forge.signedSuites)
    func heldPlaintext(suite: AlgorithmSuite) async throws {
        for count in [5_000, 5_096] {
            let forge = try Forge(suite, plaintext: [UInt8](repeating: 7, count: count), frameLength: 98)
            try await expectNeed(
                of: count,
                by: forge,
                policy: .holdUntilVerified(.inMemory),
                offset: { _ in nil }
            )
        }
    }

    @Test("The limit on held plaintext is noticed long before the end of a chunk that exceeds it many times")
    func heldPlaintextOfOneChunk() async throws {
        let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKeyECDSAP384
        let forge = try Forge(suite, plaintext: [UInt8](repeating: 7, count: 2 << 20), frameLength: 4_096)
        var reader = try forge.reader(client: client(limit: 8_192))
        reader.policy = .holdUntilVerified(.inMemory)
        var message = try forge.sealed()
        // Whoever opens this frame finds it forged.
        message.bytes[message.frames[200] + 100] ^= 1
        await expectRefusal(
            of: message.bytes,
            by: reader,
            .bufferLimitExceeded,
            readings: [.streamed(chunkLength: message.bytes.count)]
        )
    }

    @Test("What waits in a temporary file is not bounded, and is read back whole", arguments: Forge.signedSuites)
    func spooled(suite: AlgorithmSuite) async throws {
        let directory = try TemporaryFolder()
        var generator = SeededGenerator(seed: 1)
        let plaintext = (0..<600_000 / 8).flatMap { _ in (generator.next() as UInt64).bytes }
        let forge = try Forge(suite, plaintext: plaintext, frameLength: 4_096)
        var reader = try forge.reader(client: client(limit: 8_192))
        reader.policy = .holdUntilVerified(.temporaryFile(directory: directory.path))
        let message = try forge.sealed().bytes
        await expectOpening(of: message, by: reader, plaintext, readings: [.streamed(chunkLength: 10_000)])

        let decryptor = reader.client.decryptor(
            using: reader.materialsManager,
            signedMessages: reader.policy
        )
        for chunk in message.chunks(of: 10_000) {
            #expect(try await decryptor.update(chunk).isEmpty)
            // The file has no name from the first byte on.
            #expect(directory.names.isEmpty)
        }
        var pieces: [[UInt8]] = []
        try await decryptor.finish { pieces.append($0) }
        #expect(pieces.count > 1)
        let isRight = pieces.joined().elementsEqual(plaintext)
        #expect(isRight)
    }

    @Test("A temporary file that cannot be made is an error before any key call")
    func spoolFails() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKeyECDSAP384)
        let keyring = StubKeyring(dataKey: forge.dataKey)
        var reader = try Reader(keyring)
        reader.policy = .holdUntilVerified(.temporaryFile(directory: "/nonexistent/directory"))
        await expectRefusal(of: try forge.sealed().bytes, by: reader, .inputOutput, readings: Self.streams)
        #expect(keyring.calls == 0)
    }

    @Test("A forged length is refused by its limit at once, without the bytes behind it")
    func announcedLength() async throws {
        var forge = try Forge.nonFramed(.aes256GCMHKDFSHA512CommitKey)
        forge.frames[0].contentLength = 1 << 30
        let message = try forge.sealed()
        let reader = try forge.reader()
        // Twenty bytes of the body are enough to know.
        let beginning = Array(message.bytes[..<(message.frames[0] + 20)])
        let decryptor = reader.client.decryptor(using: reader.materialsManager)
        do {
            _ = try await decryptor.update(beginning)
            Issue.record("went on")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .bufferLimitExceeded)
        }
    }
}
