import AWSEncryptionSDK
import AWSMaterialProviders
import TestSupport
import Testing

/// The asynchronous sequence over a decryptor.
@Suite("DecryptedStream")
struct DecryptedStreamTests {
    private func collect(
        _ forge: Forge,
        _ source: Chunks,
        _ policy: SignedMessagePolicy,
        into output: inout [UInt8]
    ) async throws {
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let stream = client.decryptStream(source, using: StubKeyring(dataKey: forge.dataKey), signedMessages: policy)
        for try await piece in stream {
            #expect(!piece.isEmpty)
            output += piece
        }
    }

    private static let policies: [SignedMessagePolicy] = [
        .holdUntilVerified(.inMemory), .holdInTemporaryFile,
        .releaseFramesBeforeSignatureIsVerified,
    ]

    @Test("A stream gives the plaintext, whatever the chunks", arguments: Forge.suites, policies)
    func opens(suite: AlgorithmSuite, policy: SignedMessagePolicy) async throws {
        for forge in [try Forge(suite), try Forge.nonFramed(suite), try Forge(suite, plaintext: [])] {
            let message = try forge.sealed().bytes
            for length in [1, 7, 50, .max] {
                var output: [UInt8] = []
                try await collect(forge, Chunks(chunks: message.chunks(of: length)), policy, into: &output)
                #expect(output == forge.plaintext)
            }
            var generator = SeededGenerator(seed: 7)
            for _ in 0..<20 {
                var output: [UInt8] = []
                let chunks = message.randomChunks(upTo: 60, using: &generator)
                try await collect(forge, Chunks(chunks: chunks), policy, into: &output)
                #expect(output == forge.plaintext)
            }
        }
    }

    @Test("A stream that ends early throws", arguments: Forge.suites, policies)
    func truncated(suite: AlgorithmSuite, policy: SignedMessagePolicy) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed().bytes
        for length in 0..<message.count {
            let chunks = Chunks(chunks: Array(message[..<length]).chunks(of: 16))
            var output: [UInt8] = []
            await #expect(throws: EncryptionSDKError(.truncatedMessage, "")) {
                try await collect(forge, chunks, policy, into: &output)
            }
            #expect(forge.plaintext.starts(with: output))
        }
    }

    @Test("An error of the source reaches the reader, and nothing held does", arguments: Forge.signedSuites)
    func sourceFails(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let chunks = Chunks(chunks: try forge.sealed().bytes.chunks(of: 16), failsAtEnd: true)
        var output: [UInt8] = []
        await #expect(throws: Chunks.SourceFailure.self) {
            try await collect(forge, chunks, .holdUntilVerified(.inMemory), into: &output)
        }
        #expect(output.isEmpty)
    }

    @Test("After an error the sequence has ended", arguments: Forge.suites)
    func endsAfterError(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        var message = try forge.sealed().bytes
        message[message.count - 1] ^= 1
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let source = Chunks(chunks: message.chunks(of: 10))
        var iterator = client.decryptStream(source, using: StubKeyring(dataKey: forge.dataKey)).makeAsyncIterator()
        var failures = 0
        while failures == 0 {
            do {
                if try await iterator.next() == nil { break }
            } catch { failures += 1 }
        }
        #expect(failures == 1)
        #expect(try await iterator.next() == nil)
    }

    @Test("A sequence may be read again from its beginning")
    func twice() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let client = try EncryptionSDK()
        let source = Chunks(chunks: try forge.sealed().bytes.chunks(of: 10))
        let stream = client.decryptStream(source, using: StubKeyring(dataKey: forge.dataKey))
        for _ in 0..<2 {
            var output: [UInt8] = []
            for try await piece in stream { output += piece }
            #expect(output == forge.plaintext)
        }
    }
}
