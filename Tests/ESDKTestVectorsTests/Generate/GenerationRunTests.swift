import AWSMaterialProviders
import ESDKCrypto
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors
@testable import MessageForge

@Suite("Running encrypt manifests")
struct GenerationRunTests {
    private static let suites = [
        "0014", "0046", "0078", "0114", "0146", "0178", "0214", "0346", "0378", "0478", "0578",
    ]

    /// All suites and keyrings, framed, framed exactly, and not framed.
    private static var matrix: JSONObject {
        var tests = JSONObject()
        for (index, keys) in Workshop.keyrings.enumerated() {
            for suite in index < 3 ? suites : ["0578", "0014"] {
                tests["framed \(index) \(suite)"] = Workshop.scenario(keys.encrypt, decrypt: keys.decrypt, suite: suite)
                tests["exact \(index) \(suite)"] = Workshop.scenario(
                    keys.encrypt,
                    decrypt: keys.decrypt,
                    suite: suite,
                    frameLength: 50
                )
                tests["whole \(index) \(suite)"] = Workshop.scenario(
                    keys.encrypt,
                    decrypt: keys.decrypt,
                    suite: suite,
                    frameLength: 0
                )
            }
        }
        return tests
    }

    @Test("Every suite, keyring and framing is written and decrypts", arguments: [nil, "a seed"])
    func everything(seed: String?) async throws {
        let tests = Self.matrix
        let workshop = try Workshop(version: 5, tests: tests)
        let report = try await workshop.run { $0.seed = seed }
        #expect(report.isWritten)
        #expect(report.format == .v5)
        #expect(report.positiveCount == tests.count)
        #expect(report.negativeCount == 0)
        let decrypted = try await workshop.decrypt()
        #expect(decrypted.counts.passed == tests.count)
        #expect(decrypted.counts.total == tests.count)
        #expect(try workshop.json("unsupported.json") == [:])
    }

    @Test("A seed gives the same bytes, whatever runs beside and whichever other tests are selected")
    func seedIsAllThatMatters() async throws {
        let workshop = try Workshop(version: 5, tests: Self.matrix)
        for (name, jobs) in [("one", 1), ("two", 3)] {
            _ = try await workshop.run(to: name, jobs: jobs) { $0.seed = "s" }
        }
        let one = try workshop.contents(of: "one")
        #expect(one == (try workshop.contents(of: "two")))
        _ = try await workshop.run(to: "some") {
            $0.seed = "s"
            $0.run.filters = ["framed 5 *"]
        }
        let some = try workshop.contents(of: "some").filter { $0.key.hasPrefix("ciphertexts/") }
        #expect(some.count == 2)
        for (name, bytes) in some { #expect(one[name] == bytes) }
    }

    @Test("Another seed, and no seed, give other messages")
    func otherRandomness() async throws {
        let workshop = try Workshop(tests: ["t": Workshop.flat(Workshop.aes)])
        for (name, seed) in [("a", "a"), ("b", "b"), ("c", nil), ("d", nil)] {
            _ = try await workshop.run(to: name) { $0.seed = seed }
        }
        let messages = try ["a", "b", "c", "d"].map { try workshop.bytes("ciphertexts/t", in: $0) }
        #expect(Set(messages).count == 4)
    }

    @Test("With a seed, the library's encryptor and the field-by-field builder write the same bytes")
    func encryptorAndBuilderAgree() async throws {
        var tests = JSONObject()
        for (index, keys) in Workshop.keyrings.enumerated() {
            for suite in Self.suites {
                tests["\(index) \(suite)"] = Workshop.scenario(keys.encrypt, decrypt: keys.decrypt, suite: suite)
            }
        }
        let workshop = try Workshop(version: 5, tests: tests)
        _ = try await workshop.run(to: "encryptor") { $0.seed = "s" }
        // Nothing to be done for a plaintext that is no multiple of the frame length, but it takes the other way.
        _ = try await workshop.run(to: "builder") {
            $0.seed = "s"
            $0.conventions = [.emptyFinalFrame]
        }
        let messages = try workshop.contents(of: "encryptor")
        #expect(messages == (try workshop.contents(of: "builder")))
        #expect(messages.keys.count { $0.hasPrefix("ciphertexts/") } == tests.count)
    }

    @Test("Signatures have the length that readers reserve room for", arguments: [nil, "seed"])
    func signatureLengths(seed: String?) async throws {
        var tests = JSONObject()
        for index in 0..<12 {
            tests["p256-\(index)"] = Workshop.flat(Workshop.aes, suite: "0214", frameLength: Int64(index % 2))
            tests["p384-\(index)"] = Workshop.flat(Workshop.aes, suite: "0578", frameLength: Int64(index % 2))
        }
        let workshop = try Workshop(tests: tests)
        _ = try await workshop.run { $0.seed = seed }
        for name in tests.names {
            let message = try MessageDissector.dissect(workshop.bytes("ciphertexts/\(name)"))
            #expect(message.signature?.count == (name.hasPrefix("p256") ? 71 : 103), "\(name)")
        }
    }

    @Test("Each convention of other implementations is written, and decrypts", arguments: WireConvention.allCases)
    func conventions(convention: WireConvention) async throws {
        let keys = Workshop.multi(Workshop.aes, Workshop.aes128)
        let workshop = try Workshop(
            version: 5,
            tests: [
                "t": Workshop.scenario(keys, suite: "0378", frameLength: 50, context: ["z": "1"]),
                "empty": Workshop.scenario(keys, suite: "0178", context: [:]),
            ]
        )
        _ = try await workshop.run { $0.conventions = [convention] }
        #expect(try await workshop.decrypt().counts.passed == 2)
        let message = try MessageDissector.dissect(workshop.bytes("ciphertexts/t"))
        let isAscending = message.encryptionContext.map(\.key) == ["aws-crypto-public-key", "z"]
        let firstKey = message.encryptedDataKeys[0].keyProviderInfo
        let written: Set<WireConvention?> = [
            message.frames.last?.plaintextLength == 0 ? .emptyFinalFrame : nil,
            message.frames[0].ivBytes.starts(with: [UInt8](repeating: 0, count: 8)) ? nil : .randomIVs,
            firstKey.starts(with: "aes-128".utf8) ? .reversedDataKeys : nil,
            isAscending ? nil : .publicKeyLast,
            try MessageDissector.dissect(workshop.bytes("ciphertexts/empty")).emptyContextForm == .zeroCount
                ? .emptyContextCount : nil,
        ]
        #expect(written.subtracting([nil]) == [convention])
    }

    @Test("A plaintext beside the manifest is used, others are made of the size that is stated")
    func plaintexts() async throws {
        let workshop = try Workshop(
            tests: [
                "file": Workshop.flat(Workshop.aes, plaintext: "given"),
                "made": Workshop.flat(Workshop.aes, plaintext: "made"),
                "none": Workshop.flat(Workshop.aes, plaintext: "zero"),
                "odd name": Workshop.flat(Workshop.aes, plaintext: "a/b"),
            ],
            plaintexts: ["given": 5, "made": 40, "zero": 0, "unused": 9, "a/b": 3]
        )
        try workshop.folder.write("plaintexts/given", "hello")
        _ = try await workshop.run { $0.seed = "s" }
        #expect(try workshop.bytes("plaintexts/given") == Array("hello".utf8))
        #expect(try workshop.bytes("plaintexts/made").count == 40)
        #expect(try workshop.bytes("plaintexts/zero").isEmpty)
        #expect(try workshop.names("out/plaintexts") == ["_4", "given", "made", "zero"])
        #expect(try await workshop.decrypt().counts.passed == 4)
    }

    @Test("A plaintext file of another size, and a plaintext that is not listed, fail their tests")
    func wrongPlaintexts() async throws {
        let workshop = try Workshop(
            tests: [
                "long": Workshop.flat(Workshop.aes, plaintext: "given"),
                "short": Workshop.flat(Workshop.aes, plaintext: "given-too"),
                "huge": Workshop.flat(Workshop.aes, plaintext: "huge"),
                "unlisted": Workshop.flat(Workshop.aes, plaintext: "unlisted"),
                "good": Workshop.flat(Workshop.aes),
            ],
            plaintexts: ["given": 4, "given-too": 6, "huge": 1_073_741_825, "small": 3]
        )
        try workshop.folder.write("plaintexts/given", "hello")
        try workshop.folder.write("plaintexts/given-too", "hello")
        // A file without a block of its own, which nobody is to read whole to learn its size.
        #expect(truncate(try workshop.folder.write("plaintexts/given", "hello"), 1 << 40) == 0)
        let report = try await workshop.run()
        #expect(report.tests.counts.failed == 3)
        #expect(report.tests.counts.skipped == 1)
        #expect(report.tests.exitCode(failOnSkip: false) == 1)
        let reasons = try workshop.json("unsupported.json")
        #expect(reasons["long"]?.string?.hasPrefix("ERROR plaintext \"given\" does not have the 4 bytes") == true)
        #expect(reasons["short"] == "ERROR plaintext \"given-too\" has 5 bytes, but the manifest states 6")
        #expect(reasons["unlisted"] == "ERROR the manifest lists no plaintext \"unlisted\"")
    }

    @Test("Ids that are no file names are kept in the manifest, and their files are numbered")
    func oddIDs() async throws {
        let ids = ["../../etc/passwd", "", "a b", ".hidden", "é", "_1", "plain-1.2_3", "nul\0"]
        var tests = JSONObject()
        for id in ids { tests[id] = Workshop.flat(Workshop.aes) }
        let workshop = try Workshop(tests: tests)
        _ = try await workshop.run()
        let written = try workshop.json("decrypt-manifest.json")["tests"]?.object?.names ?? []
        #expect(written.elementsEqual(ids) { $0.hasSameBytes(as: $1) })
        #expect(
            try workshop.names("out/ciphertexts") == ["_0", "_1", "_2", "_3", "_4", "_5", "_7", "plain-1.2_3"]
        )
        #expect(try await workshop.decrypt().counts.passed == ids.count)
    }

    @Test("A test that needs AWS KMS is skipped with its reason, and no part of its keys is left out")
    func needsKMS() async throws {
        let workshop = try Workshop(
            tests: [
                "kms": Workshop.flat(Workshop.kms), "both": Workshop.flat(Workshop.aes, Workshop.kms),
                "raw": Workshop.flat(Workshop.aes),
            ]
        )
        let report = try await workshop.run()
        #expect(report.tests.counts.skipped == 2)
        #expect(report.tests.exitCode(failOnSkip: false) == 0)
        #expect(report.tests.exitCode(failOnSkip: true) == 1)
        let reason = JSONValue.string("only AWS KMS can wrap the data key")
        #expect(try workshop.json("unsupported.json") == ["kms": reason, "both": reason])
    }

    @Test("Nothing is left where no test can be written")
    func nothingWritten() async throws {
        let workshop = try Workshop(tests: ["kms": Workshop.flat(Workshop.kms)])
        let report = try await workshop.run()
        #expect(!report.isWritten)
        #expect(report.tests.exitCode(failOnSkip: false) == 4)
        #expect(try workshop.names() == ["encrypt-manifest.json", "keys.json"])
    }

    /// A scenario that no encryptor can write, and a word of the reason.
    static let impossible: [(String, JSONValue, String)] = [
        ("reserved context", Workshop.flat(Workshop.aes, context: ["aws-crypto-x": "y"]), "reserved"),
        (
            "long context", Workshop.flat(Workshop.aes, context: ["k": .string(String(repeating: "v", count: 65_535))]),
            "65,535"
        ),
        ("discovery encrypts", Workshop.scenario(Workshop.ecdh("discovery")), "does not encrypt"),
        ("no generator", Workshop.scenario(Workshop.multi(nil, Workshop.aes)), "generator"),
        (
            "kms namespace",
            Workshop.flat(["type": "raw", "key": "aes-256", "provider-id": "aws-kms", "encryption-algorithm": "aes"]),
            "aws-kms"
        ),
        (
            "wrong curve",
            Workshop.scenario(
                Workshop.ecdh("ephemeral", "256"),
                more: [
                    "encryptKeyDescription": [
                        "type": "raw-ecdh", "schema": "ephemeral", "ecc-curve": "ecc-384", "sender": "ephemeral",
                        "recipient": "ecc-256",
                    ]
                ]
            ), "curve"
        ),
        ("missing required key", Workshop.scenario(Workshop.required(["absent"], Workshop.aes)), "absent"),
        ("opens with another key", Workshop.scenario(Workshop.aes, decrypt: Workshop.aes128), "before it is written"),
        ("missing key", Workshop.flat(["type": "aws-kms", "key": "absent"]), "no key \"absent\""),
        (
            "wrong type of key",
            Workshop.flat(["type": "raw", "key": "rsa-private", "provider-id": "ns", "encryption-algorithm": "aes"]),
            "of type private"
        ),
        (
            "wrong reproduced context",
            Workshop.scenario(Workshop.aes, more: ["reproduced-encryption-context": ["key1": "z"]]), "key1"
        ),
    ]

    @Test("An impossible scenario fails alone, with its reason", arguments: impossible.indices, [nil, "seed"])
    func impossibleScenario(index: Int, seed: String?) async throws {
        let (_, test, word) = Self.impossible[index]
        let workshop = try Workshop(version: 5, tests: ["bad": test, "good": Workshop.scenario(Workshop.aes)])
        let report = try await workshop.run { $0.seed = seed }
        #expect(report.tests.counts.failed == 1)
        #expect(report.positiveCount == 1)
        let reason = try workshop.json("unsupported.json")["bad"]?.string ?? ""
        #expect(reason.hasPrefix("ERROR "))
        #expect(reason.contains(word), "\(reason)")
        #expect(try workshop.names("out/ciphertexts") == ["good"])
    }

    @Test("A message that is not framed is held to the same rules", arguments: [0, 10])
    func impossibleScenarioNotFramed(index: Int) async throws {
        var object = try #require(Self.impossible[index].1.object)
        if var scenario = object["encryption-scenario"]?.object {
            scenario["frame-size"] = 0
            object["encryption-scenario"] = .object(scenario)
        } else {
            object["frame-size"] = 0
        }
        let workshop = try Workshop(tests: ["bad": .object(object)])
        #expect(try await workshop.run().tests.counts.failed == 1)
    }
}
