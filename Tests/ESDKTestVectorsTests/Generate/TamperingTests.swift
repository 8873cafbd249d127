import AWSMaterialProviders
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors
@testable import MessageForge

@Suite("Running decrypt-generate manifests")
struct TamperingTests {
    private static func workshop(
        _ more: JSONObject,
        suite: String = "0578",
        version: Int = 2,
        context: JSONObject = ["key1": "a"],
        plaintextLength: Int64 = 10
    ) throws -> Workshop {
        let scenario = Workshop.flat(Workshop.aes, suite: suite, context: context)
        let test = Workshop.generate(scenario, more: more)
        return try Workshop(
            .decryptGenerate,
            version: version,
            tests: ["t": test],
            plaintexts: ["small": .integer(plaintextLength)]
        )
    }

    private static func tests(_ workshop: Workshop) throws -> JSONObject {
        try #require(try workshop.json("manifest.json")["tests"]?.object)
    }

    private static func reason(_ test: JSONValue?) -> String? {
        test?["result"]?["error"]?["error-description"]?.string
    }

    @Test("Truncation writes every proper prefix but the empty one, and each is refused")
    func truncate() async throws {
        let workshop = try Self.workshop(["tampering": "truncate"])
        let report = try await workshop.run { $0.seed = "s" }
        let whole = try Self.workshop([:])
        _ = try await whole.run { $0.seed = "s" }
        let message = try whole.bytes("ciphertexts/t")

        let tests = try Self.tests(workshop)
        #expect(report.negativeCount == message.count - 1)
        #expect(report.positiveCount == 0)
        #expect(tests.names == (1..<message.count).map { "t-truncated-at-\($0)" })
        #expect(Self.reason(tests["t-truncated-at-7"]) == "Truncated at byte 7")
        for count in [1, 100, message.count - 1] {
            #expect(try workshop.bytes("ciphertexts/t-truncated-at-\(count)") == Array(message[..<count]))
        }
        #expect(try await workshop.decrypt().counts.passed == message.count - 1)
        #expect(try workshop.names("out/plaintexts").isEmpty)
    }

    @Test(
        "A message that would become more files than are written for one test is not altered",
        arguments: [
            ("truncate", Int64(TestGenerator.mostDerived)), ("mutate", Int64(TestGenerator.mostDerived / 8)),
        ]
    )
    func tooMany(tampering: String, plaintextLength: Int64) async throws {
        let workshop = try Self.workshop(["tampering": .string(tampering)], plaintextLength: plaintextLength)
        let report = try await workshop.run { $0.seed = "s" }
        #expect(report.tests.counts.skipped == 1)
        #expect(report.negativeCount == 0)
    }

    @Test("Mutation inverts every bit, the most significant of the first byte first, and each message is refused")
    func mutate() async throws {
        let workshop = try Self.workshop(["tampering": "mutate"], suite: "0478")
        let report = try await workshop.run { $0.seed = "s" }
        let whole = try Self.workshop([:], suite: "0478")
        _ = try await whole.run { $0.seed = "s" }
        let message = try whole.bytes("ciphertexts/t")

        let tests = try Self.tests(workshop)
        #expect(report.negativeCount == 8 * message.count)
        #expect(tests.names == (0..<8 * message.count).map { "t-bit-\($0)-flipped" })
        #expect(Self.reason(tests["t-bit-9-flipped"]) == "Bit 9 flipped")
        for (bit, byte, mask) in [(0, 0, 0x80), (7, 0, 0x01), (9, 1, 0x40)] {
            var altered = message
            altered[byte] ^= UInt8(mask)
            #expect(try workshop.bytes("ciphertexts/t-bit-\(bit)-flipped") == altered)
        }
        #expect(try await workshop.decrypt().counts.passed == 8 * message.count)
    }

    @Test("A half-signed message announces a public key, has no signature, and is right but for that")
    func halfSign() async throws {
        let workshop = try Self.workshop(["tampering": "half-sign"], suite: "0478")
        _ = try await workshop.run()
        let message = try MessageDissector.dissect(workshop.bytes("ciphertexts/t"))
        #expect(message.algorithmSuite == .aes256GCMHKDFSHA512CommitKey)
        #expect(message.signature == nil)
        #expect(message.encryptionContext.contains { $0.key == "aws-crypto-public-key" })
        let result = try #require(try await workshop.decrypt().sets.first?.results.first)
        #expect(result.status == .passed)
        #expect(result.cases.first?.reason?.contains("unexpectedPublicKey") == true)
        #expect(Self.reason(try Self.tests(workshop)["t"]) == "Unsigned message using a data key with a public key")
    }

    @Test("Half-signing is defined for one suite only")
    func halfSignOfAnotherSuite() async throws {
        let report = try await Self.workshop(["tampering": "half-sign"], suite: "0578").run()
        #expect(report.tests.counts.skipped == 1)
    }

    @Test("Changed provider info stands in every encrypted data key, under a header that verifies")
    func changeProviderInfo() async throws {
        let texts: JSONValue = ["arn:aws:kms:us-west-2:658956600833:alias/EncryptOnly", "ключ", ""]
        let tampering: JSONObject = ["tampering": ["change-edk-provider-info": texts]]
        let workshop = try Self.workshop(tampering)
        let report = try await workshop.run()
        #expect(report.negativeCount == 3)
        let tests = try Self.tests(workshop)
        #expect(tests.names == (1...3).map { "t-provider-info-\($0)" })
        #expect(Self.reason(tests["t-provider-info-2"]) == "Incorrect encrypted data key provider info: ключ")
        for (index, text) in (texts.array ?? []).enumerated() {
            let bytes = try workshop.bytes("ciphertexts/t-provider-info-\(index + 1)")
            let message = try MessageDissector.dissect(bytes)
            #expect(message.encryptedDataKeys.map(\.keyProviderInfo) == [Array((text.string ?? "").utf8)])
            #expect(message.encryptedDataKeys.map(\.keyProviderID) == [Array("ns".utf8)])
        }
        let results = try await workshop.decrypt().sets.flatMap(\.results)
        #expect(results.allSatisfy { $0.status == .passed && $0.cases.first?.reason?.contains("noDataKey") == true })
    }

    @Test("Decryption keys of the test take the place of those of the scenario")
    func decryptionKeys() async throws {
        let workshop = try Self.workshop([
            "decryption-master-keys": [Workshop.aes128], "result": ["error": ["error-description": "other key"]],
        ])
        _ = try await workshop.run()
        let test = try Self.tests(workshop)["t"]
        #expect(test?["master-keys"] == [Workshop.aes128])
        #expect(Self.reason(test) == "other key")
        #expect(try await workshop.decrypt().counts.passed == 1)
        #expect(try workshop.json("keys.json")["keys"]?.object?.names == ["aes-128"])
    }

    @Test("A must-fail test that would decrypt is not written")
    func mustFailDecrypts() async throws {
        let report = try await Self.workshop(["result": ["error": ["error-description": "why"]]]).run()
        #expect(report.tests.counts.failed == 1)
        #expect(report.tests.sets[0].results[0].reason?.contains("a refusal was expected") == true)
    }

    @Test("A test that only a key in AWS KMS could refuse is not written")
    func refusedByKMS() async throws {
        let report = try await Self.workshop([
            "tampering": ["change-edk-provider-info": ["x"]], "decryption-master-keys": [Workshop.kms],
        ]).run()
        #expect(report.tests.counts.skipped == 1)
    }

    @Test("A decryption method is passed on, and obeyed before the test is written")
    func decryptionMethod() async throws {
        let method: JSONObject = ["decryption-method": "streaming-unsigned-only"]
        let unsigned = try Self.workshop(method, suite: "0478")
        #expect(try await unsigned.run().positiveCount == 1)
        #expect(try Self.tests(unsigned)["t"]?["decryption-method"] == "streaming-unsigned-only")
        #expect(try await unsigned.decrypt().counts.passed == 1)

        #expect(try await Self.workshop(method, suite: "0578").run().tests.counts.failed == 1)
        var refused = method
        refused["result"] = ["error": ["error-description": "signed"]]
        #expect(try await Self.workshop(refused, suite: "0578").run().negativeCount == 1)
    }

    @Test("What is not known is skipped, and what is contradictory fails")
    func unknown() async throws {
        let members: [(JSONObject, skipped: Int, failed: Int)] = [
            (["tampering": "shuffle"], 1, 0), (["tampering": ["rot13": []]], 1, 0),
            (["decryption-method": "psychic"], 1, 0),
            (["result": ["output": ["plaintext": "file://plaintexts/small"]]], 1, 0),
            (["result": [:]], 0, 1), (["result": ["output": [:], "error": [:]]], 0, 1), (["tampering": 7], 0, 1),
            (["tampering": ["change-edk-provider-info": []]], 0, 1),
            (["tampering": ["change-edk-provider-info": [1]]], 0, 1),
        ]
        for (more, skipped, failed) in members {
            let counts = try await Self.workshop(more).run().tests.counts
            #expect(counts.skipped == skipped && counts.failed == failed, "\(more)")
        }
    }

    @Test("The spelling of the framework's own example is ignored, with a word about it")
    func tamperingMethod() async throws {
        let workshop = try Self.workshop(["tampering-method": "truncate"])
        #expect(try workshop.load().diagnostics.contains { $0.text.contains("tampering-method") })
        #expect(try await workshop.run().positiveCount == 1)
    }

    @Test("An id that another test has already is not given to a derived one")
    func collidingIDs() async throws {
        let scenario = Workshop.flat(Workshop.aes, suite: "0014", context: [:])
        let workshop = try Workshop(
            .decryptGenerate,
            tests: [
                "t": Workshop.generate(scenario, more: ["tampering": "truncate"]),
                "t-truncated-at-3": Workshop.generate(scenario),
            ],
            plaintexts: ["small": 1]
        )
        let report = try await workshop.run()
        let tests = try Self.tests(workshop)
        #expect(tests.count == report.positiveCount + report.negativeCount)
        #expect(Self.reason(tests["t-truncated-at-3-"]) == "Truncated at byte 3")
        #expect(try await workshop.decrypt().counts.passed == tests.count)
    }
}
