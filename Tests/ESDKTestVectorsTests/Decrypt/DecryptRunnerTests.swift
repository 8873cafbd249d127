import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import Testing

@testable import ESDKTestVectors

// Traps of published manifests that lie in running a test, numbered as with the reading of manifests. The messages are
// written by the library itself: that it reads those of others is what the published sets show.
@Suite("Running decrypt tests")
struct DecryptRunnerTests {
    private static let plaintext = (0..<100).map { UInt8($0) }
    private static let signed = AlgorithmSuite.aes256GCMHKDFSHA512CommitKeyECDSAP384

    @Test("every case of a test is listed, in one order")
    func cases() async throws {
        let message = try await MessageSamples.encrypt(Self.plaintext)
        let result = try await MessageSamples.run(MessageSamples.test("t", message, Self.plaintext))
        #expect(result.status == .passed)
        #expect(result.cases.map(\.name) == ["one-shot", "stream whole", "stream 1-byte", "stream random"])
        #expect(result.cases.allSatisfy { $0.status == .passed && $0.reason == nil })
        #expect(result.keyring == "raw aes-256")
    }

    @Test("trap 12: the suite in reports is that of the message, whatever the manifest says")
    func declaredSuite() async throws {
        let message = try await MessageSamples.encrypt(Self.plaintext, suite: Self.signed)
        #expect(try await MessageSamples.run(MessageSamples.test("t", message, Self.plaintext)).suite == "0578")
        #expect(try await MessageSamples.run(MessageSamples.test("t", [9, 9, 9, 9], nil)).suite == "0014")
    }

    @Test("a message of more than 64 KiB is not streamed byte by byte")
    func longMessage() async throws {
        let plaintext = [UInt8](repeating: 7, count: 70_000)
        let message = try await MessageSamples.encrypt(plaintext, frameLength: 4096)
        let result = try await MessageSamples.run(MessageSamples.test("t", message, plaintext))
        #expect(result.status == .passed)
        #expect(result.cases.map(\.name) == ["one-shot", "stream whole", "stream random"])
    }

    @Test("a non-framed message that announces 64 GiB is refused by the declared limit, streamed or not")
    func announcedLength() async throws {
        let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
        let materials = try await MessageSamples.keyring().onEncrypt(
            EncryptionMaterials(algorithmSuite: suite, encryptionContext: [:])
        )
        var blueprint = MessageBlueprint(
            algorithmSuite: suite,
            dataKey: try #require(materials.plaintextDataKey),
            messageID: [UInt8](repeating: 0x5A, count: 32),
            encryptionContext: [],
            encryptedDataKeys: materials.encryptedDataKeys,
            plaintext: Self.plaintext,
            framing: .nonFramed
        )
        let right = try MessageBuilder.build(blueprint).bytes
        #expect(try await MessageSamples.run(MessageSamples.test("t", right, Self.plaintext)).status == .passed)
        blueprint.overrides[.body(.contentLength)] = ((1 << 36) - 32 as UInt64).bigEndianBytes
        let result = try await MessageSamples.run(MessageSamples.test("t", MessageBuilder.build(blueprint).bytes, nil))
        #expect(result.status == .passed, "\(result.reason ?? "")")
        #expect(result.cases.allSatisfy { $0.reason?.hasPrefix("refused: ") == true })
    }

    @Test("trap 13: every message that is cut off is refused, in every way to decrypt it", arguments: [false, true])
    func truncated(isSigned: Bool) async throws {
        let suite = isSigned ? Self.signed : .aes256GCMHKDFSHA512CommitKey
        let message = try await MessageSamples.encrypt(Self.plaintext, suite: suite)
        let tests = message.indices.map { MessageSamples.test("\($0)", Array(message.prefix($0)), nil) }
        for result in await MessageSamples.run(tests) where result.status != .passed {
            Issue.record("\(result.id): \(result.reason ?? "")")
        }
    }

    @Test(
        "traps 13 and 14: every message with a flipped bit is refused, in every way to decrypt it",
        arguments: [false, true]
    )
    func flipped(isSigned: Bool) async throws {
        let suite = isSigned ? Self.signed : .aes256GCMHKDFSHA512CommitKey
        let message = try await MessageSamples.encrypt(Self.plaintext, suite: suite, context: ["key": "value"])
        let tests = message.indices.map { index in
            var other = message
            other[index] ^= 1 << (index % 8)
            return MessageSamples.test("\(index)", other, nil)
        }
        for result in await MessageSamples.run(tests) where result.status != .passed {
            Issue.record("\(result.id): \(result.reason ?? "")")
        }
        let longer = try await MessageSamples.run(MessageSamples.test("t", message + [0], nil))
        #expect(longer.status == .passed)
    }

    @Test("trap 16: empty plaintexts, signed or not", arguments: [false, true])
    func empty(isSigned: Bool) async throws {
        let message = try await MessageSamples.encrypt(
            [],
            suite: isSigned ? Self.signed : .aes256GCMHKDFSHA512CommitKey
        )
        #expect(try await MessageSamples.run(MessageSamples.test("t", message, [])).status == .passed)
        #expect(try await MessageSamples.run(MessageSamples.test("t", message, [0])).failure == .wrongPlaintext)
    }

    @Test("traps 7 and 40: a data key that does not open is not the end, nor is a key that finds none")
    func severalKeys() async throws {
        let message = try await MessageSamples.encrypt(Self.plaintext)
        let other = KeyDescription.raw(key: "other", providerID: "ns", .aes)
        let sameName = KeyDescription.raw(key: "same name", providerID: "ns", .aes)
        for keys in [[other, MessageSamples.aes], [sameName, MessageSamples.aes], [MessageSamples.aes, other]] {
            let multi = KeyDescription.multi(generator: keys[0], children: Array(keys.dropFirst()))
            #expect(
                try await MessageSamples.run(MessageSamples.test("t", message, Self.plaintext, keys: multi)).status
                    == .passed
            )
        }
        let two = try MultiKeyring(
            generator: MessageSamples.keyring(16, name: "unknown"),
            childKeyrings: [MessageSamples.keyring()]
        )
        let twoKeys = try await MessageSamples.encrypt(Self.plaintext, keyring: two)
        #expect(try await MessageSamples.run(MessageSamples.test("t", twoKeys, Self.plaintext)).status == .passed)
    }

    @Test("trap 17: offline, what only AWS KMS opens is skipped, a test that must fail as well")
    func offline() async throws {
        let message = try await MessageSamples.encrypt(Self.plaintext)
        let kms = KeyDescription.awsKMS(key: "kms")
        for plaintext in [nil, Self.plaintext] {
            let result = try await MessageSamples.run(MessageSamples.test("t", message, plaintext, keys: kms))
            #expect(result.status == .skipped)
            #expect(result.reason == "only AWS KMS can open this message")
        }
        // Beside a key of ours: what that one refuses, AWS KMS might have opened.
        let other = KeyDescription.multi(generator: kms, children: [.raw(key: "other", providerID: "ns", .aes)])
        let refused = try await MessageSamples.run(MessageSamples.test("t", message, nil, keys: other))
        #expect(refused.status == .skipped)
        #expect(refused.reason == "refused for want of keys\nnot tried: only AWS KMS can open this message")
        // What ours opens was tried.
        let ours = KeyDescription.multi(generator: kms, children: [MessageSamples.aes])
        let damaged = Array(message.dropLast()) + [~(message.last ?? 0)]
        #expect(try await MessageSamples.run(MessageSamples.test("t", damaged, nil, keys: ours)).status == .passed)
        #expect(
            try await MessageSamples.run(MessageSamples.test("t", message, Self.plaintext, keys: ours)).status
                == .passed
        )
    }

    @Test("a key identifier that the test makes invalid is a refusal, and only that")
    func invalidIdentifier() async throws {
        let message = try await MessageSamples.encrypt(Self.plaintext)
        let invalid = KeyDescription.raw(key: "aes", providerID: "aws-kms", .aes)
        let refused = try await MessageSamples.run(MessageSamples.test("t", message, nil, keys: invalid))
        #expect(refused.status == .passed)
        #expect(refused.cases.isEmpty)
        let failed = try await MessageSamples.run(MessageSamples.test("t", message, Self.plaintext, keys: invalid))
        #expect(failed.status == .failed)
        #expect(failed.failure == .refused)
    }

    @Test("a signed message is no message for a streaming-unsigned-only test; an unsigned one is")
    func unsignedOnly() async throws {
        let unsigned = try await MessageSamples.encrypt(Self.plaintext)
        let signed = try await MessageSamples.encrypt(Self.plaintext, suite: Self.signed)
        let method = DecryptionMethod.streamingUnsignedOnly
        let opened = try await MessageSamples.run(MessageSamples.test("t", unsigned, Self.plaintext, method: method))
        #expect(opened.status == .passed)
        #expect(opened.cases.map(\.name) == ["unsigned-only whole", "unsigned-only 1-byte", "unsigned-only random"])
        let refused = try await MessageSamples.run(MessageSamples.test("t", signed, nil, method: method))
        #expect(refused.status == .passed)
        #expect(refused.cases.allSatisfy { $0.reason?.hasPrefix("refused: signedMessageRefused") == true })
        #expect(
            try await MessageSamples.run(MessageSamples.test("t", signed, Self.plaintext, method: method)).failure
                == .refused
        )
    }

    @Test(
        "trap 11: the context of a test must agree with what the message stores, whatever the materials manager; {} says nothing"
    )
    func contexts() async throws {
        let message = try await MessageSamples.encrypt(Self.plaintext, context: ["key": "value"])
        let (same, other) = (MessageSamples.pairs(("key", "value")), MessageSamples.pairs(("key", "another")))
        func status(_ context: ContextPairs, cmm: CMMSelection = .unspecified, refused: Bool = false) async throws
            -> TestStatus
        {
            let plaintext = refused ? nil : Self.plaintext
            return try await MessageSamples.run(
                MessageSamples.test("t", message, plaintext, cmm: cmm, context: context)
            )
            .status
        }
        #expect(try await status(ContextPairs()) == .passed)
        for cmm in [CMMSelection.unspecified, .default, .requiredEncryptionContext] {
            #expect(try await status(same, cmm: cmm) == .passed)
            #expect(try await status(other, cmm: cmm) == .failed)
            #expect(try await status(other, cmm: cmm, refused: true) == .passed)
        }
        // A pair that the message does not store is taken for one that it authenticates.
        #expect(try await status(MessageSamples.pairs(("key", "value"), ("more", "")), refused: true) == .passed)
    }

    @Test("required context keys are authenticated without being stored, and must be supplied")
    func requiredContext() async throws {
        let context = MessageSamples.pairs(("key", "value"), ("nul\0", "\0"), ("e\u{301}", "1"), ("\u{e9}", "2"))
        let keys = context.pairs.map { String(decoding: $0.key, as: UTF8.self) }
        let stored = try EncryptionContext(
            entries: context.pairs.map { EncryptionContext.Entry(keyBytes: $0.key, valueBytes: $0.value) }
        )
        let sdk = try EncryptionSDK()
        let message = try await sdk.encrypt(
            Self.plaintext,
            using: RequiredEncryptionContextCMM(
                requiredEncryptionContextKeys: keys,
                underlying: MessageSamples.keyring()
            ),
            encryptionContext: stored
        ).ciphertext
        let described = KeyDescription.requiredEncryptionContext(
            underlying: MessageSamples.aes,
            keys: context.pairs.map(\.key)
        )
        let opened = MessageSamples.test("t", message, Self.plaintext, keys: described, context: context)
        #expect(try await MessageSamples.run(opened).status == .passed)
        let less = MessageSamples.pairs(("key", "value"), ("nul\0", "\0"), ("e\u{301}", "1"))
        #expect(
            try await MessageSamples.run(MessageSamples.test("t", message, nil, keys: described, context: less)).status
                == .passed
        )
        let changed = MessageSamples.pairs(("key", "value"), ("nul\0", "\0"), ("e\u{301}", "2"), ("\u{e9}", "1"))
        #expect(
            try await MessageSamples.run(MessageSamples.test("t", message, nil, keys: described, context: changed))
                .status
                == .passed
        )
    }

    @Test("the commitment policy of the run is the client's")
    func commitmentPolicy() async throws {
        let message = try await EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt).encrypt(
            Self.plaintext,
            using: MessageSamples.keyring()
        ).ciphertext
        let test = MessageSamples.test("t", message, Self.plaintext)
        #expect(try await MessageSamples.run(test).status == .passed)
        var strict = RunOptions(jobs: 1)
        strict.commitmentPolicy = .requireEncryptRequireDecrypt
        let refused = try await MessageSamples.run(test, options: strict)
        #expect(refused.failure == .refused)
        #expect(refused.reason?.hasPrefix("one-shot: refused: commitmentPolicyViolation") == true)
    }

    @Test("tests that cannot be run as they stand fail or are skipped, as the reader of the manifest found")
    func problems() async {
        let results = await MessageSamples.run(
            [VectorError.broken("half a test"), .unsupported("a new kind of test")].map { problem in
                DecryptTest(
                    id: "t",
                    description: "d",
                    keys: nil,
                    declaredSuite: 0x0178,
                    declaredFrameLength: nil,
                    content: .failure(problem)
                )
            }
        )
        #expect(results.map(\.status) == [.failed, .skipped])
        #expect(results.map(\.reason) == ["half a test", "a new kind of test"])
        #expect(results.map(\.failure) == [.brokenSet, nil])
        #expect(results.map(\.suite) == ["0178", "0178"])
        #expect(results.allSatisfy { $0.keyring == nil && $0.description == "d" })
    }
}
