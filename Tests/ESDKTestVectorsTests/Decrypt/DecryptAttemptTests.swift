import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors
@testable import MessageForge

@Suite("Attempts to decrypt")
struct DecryptAttemptTests {
    private static let plaintext = [UInt8](repeating: 7, count: 100)

    private func attempt(_ message: [UInt8], _ signedMessages: SignedMessagePolicy) throws -> DecryptAttempt {
        try DecryptAttempt(
            message: message,
            materialsManager: MessageSamples.keyring(),
            context: EncryptionContext(),
            options: RunOptions(jobs: 1),
            seed: 1,
            signedMessages: signedMessages
        )
    }

    /// Counts what it is asked, and refuses it if it is told to.
    private final class Counting: Keyring {
        private let keyring: any Keyring
        private let refuses: Bool
        private let count = Guarded(0)

        init(_ keyring: any Keyring, refuses: Bool) {
            self.keyring = keyring
            self.refuses = refuses
        }

        var description: String { "counting keyring" }
        var calls: Int { count.withLock { $0 } }

        func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
            try await keyring.onEncrypt(materials)
        }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials {
            count.withLock { $0 += 1 }
            if refuses { throw EncryptionSDKError(.noDataKey, "refused") }
            return try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
        }
    }

    @Test("the data key is unwrapped once for all cases of a message; a refusal is made anew for each")
    func unwrapping() async throws {
        let message = try await MessageSamples.encrypt(Self.plaintext)
        for (refuses, calls) in [(false, 1), (true, 4)] {
            let keyring = Counting(try MessageSamples.keyring(), refuses: refuses)
            let attempt = try DecryptAttempt(
                message: message,
                materialsManager: keyring,
                context: EncryptionContext(),
                options: RunOptions(jobs: 1),
                seed: 1
            )
            for kind in DecryptCase.plan(.any, messageLength: message.count) {
                let (outcome, _) = await attempt.decrypt(kind)
                switch outcome {
                case .plaintext(let plaintext): #expect(plaintext == Self.plaintext && !refuses)
                case .error(let error): #expect(error as? EncryptionSDKError == EncryptionSDKError(.noDataKey, ""))
                case .leaked: Issue.record("leaked")
                }
            }
            #expect(keyring.calls == calls)
        }
    }

    private func leakedBytes(_ attempt: DecryptAttempt, _ kind: DecryptCase) async -> Int? {
        if case (.leaked(let count), _) = await attempt.decrypt(kind) { count } else { nil }
    }

    static let streams: [DecryptCase] = [.streamWhole, .streamBytes, .streamRandom]

    @Test("plaintext of a signed message that is handed out before its signature is a leak", arguments: streams)
    func leak(kind: DecryptCase) async throws {
        let signed = try await MessageSamples.encrypt(
            Self.plaintext,
            suite: .aes256GCMHKDFSHA512CommitKeyECDSAP384
        )
        let leaking = SignedMessagePolicy.releaseFramesBeforeSignatureIsVerified
        #expect(await leakedBytes(try attempt(signed, leaking), kind) == 100)
        // Also where the message is refused in the end: all but the final frame is out by then.
        var forged = signed
        forged[forged.count - 1] ^= 1
        #expect(await leakedBytes(try attempt(forged, leaking), kind) == 96)
        #expect(await leakedBytes(try attempt(signed, .holdUntilVerified(.inMemory)), kind) == nil)
        let unsigned = try await MessageSamples.encrypt(Self.plaintext)
        #expect(await leakedBytes(try attempt(unsigned, leaking), kind) == nil)
    }

    @Test("a message without frames that claims more than it holds is refused, and passes a must-fail test")
    func claim() async throws {
        let workshop = try Workshop(tests: ["t": Workshop.flat(Workshop.aes, frameLength: 0)])
        _ = try await workshop.run { $0.format = .v2 }
        var message = try workshop.bytes("ciphertexts/t")
        let field = MessageField.body(.contentLength)
        let range = try #require(try MessageDissector.dissect(message).layout.range(of: field))
        message.replaceSubrange(range, with: (UInt64(64) << 30).bigEndianBytes)
        try workshop.folder.write("out/ciphertexts/t", message)
        let manifest = try workshop.json("manifest.json")
        let positive = JSONValue.object(["output": ["plaintext": "file://plaintexts/small"]])
        #expect(manifest["tests"]?["t"]?["result"] == positive)
        let text = String(decoding: try workshop.bytes("manifest.json"), as: UTF8.self)
            .replacing("\"output\"", with: "\"error\"").replacing("\"plaintext\"", with: "\"error-description\"")
        try workshop.folder.write("out/manifest.json", text)
        let report = try await workshop.decrypt()
        let result = try #require(report.sets.first?.results.first)
        #expect(result.status == .passed, "\(result.reason ?? "")")
        #expect(result.cases.map(\.status) == [.passed, .passed, .passed, .passed])
    }
}

@Suite("The cases of a test")
struct DecryptCaseTests {
    @Test("a test is decrypted one-shot and streamed whole, byte by byte and at random")
    func all() {
        #expect(
            DecryptCase.plan(.any, messageLength: 500).map(\.name)
                == ["one-shot", "stream whole", "stream 1-byte", "stream random"]
        )
    }

    @Test("a streaming-unsigned-only test is streamed in that way alone")
    func unsignedOnly() {
        let cases = DecryptCase.plan(.streamingUnsignedOnly, messageLength: 500)
        #expect(cases.map(\.name) == ["unsigned-only whole", "unsigned-only 1-byte", "unsigned-only random"])
        #expect(cases.allSatisfy { $0.isUnsignedOnly })
        #expect(DecryptCase.plan(.any, messageLength: 500).allSatisfy { !$0.isUnsignedOnly })
    }

    static let methods: [DecryptionMethod] = [.any, .streamingUnsignedOnly]

    @Test("messages of more than 64 KiB are not streamed byte by byte", arguments: methods)
    func limit(method: DecryptionMethod) {
        #expect(DecryptCase.plan(method, messageLength: 65_536).contains { $0.chunking == .bytes })
        let long = DecryptCase.plan(method, messageLength: 65_537)
        #expect(!long.contains { $0.chunking == .bytes })
        #expect(long.count == DecryptCase.plan(method, messageLength: 0).count - 1)
    }
}

@Suite("Messages in chunks")
struct MessageChunksTests {
    private static let message = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    private func chunks(_ chunking: DecryptCase.Chunking, seed: UInt64 = 1, count: Int = 20_000) -> [[UInt8]] {
        MessageChunks(count, chunking, seed: seed).map { Array(Self.message[$0]) }
    }

    @Test("all chunks together are the message, for any seed", arguments: [0, 1, 2, 3, 42, 1 << 63, UInt64.max])
    func together(seed: UInt64) {
        for chunking in [DecryptCase.Chunking.whole, .bytes, .random] {
            for count in [0, 1, 2, 20_000] {
                let chunks = chunks(chunking, seed: seed, count: count)
                #expect(chunks.flatMap(\.self) == Array(Self.message.prefix(count)))
                #expect(chunks.allSatisfy { !$0.isEmpty })
            }
        }
    }

    @Test("a message is one chunk, or single bytes to begin with, or some of many lengths")
    func lengths() {
        #expect(chunks(.whole).count == 1)
        #expect(chunks(.bytes, count: 2048).count == 2048)
        #expect(chunks(.bytes).count == 2049)
        #expect(chunks(.bytes).dropLast().allSatisfy { $0.count == 1 })
        let lengths = Set((1...20).flatMap { chunks(.random, seed: $0).dropLast().map(\.count) })
        #expect(lengths.contains(1))
        #expect(lengths.contains { $0 > 2048 })
        #expect(lengths.max() ?? 0 <= 4096)
    }

    @Test("one seed cuts a message in one way, another one in another")
    func seeds() {
        #expect(chunks(.random, seed: 7) == chunks(.random, seed: 7))
        #expect(chunks(.random, seed: 7).map(\.count) != chunks(.random, seed: 9).map(\.count))
    }

    @Test("the seed of a test is that of its id on every machine")
    func stableHash() {
        // Published values of 64-bit FNV-1a (draft-eastlake-fnv).
        #expect(StableHash.of("") == 0xCBF2_9CE4_8422_2325)
        #expect(StableHash.of("a") == 0xAF63_DC4C_8601_EC8C)
        #expect(StableHash.of("foobar") == 0x8594_4171_F739_67E8)
    }
}
