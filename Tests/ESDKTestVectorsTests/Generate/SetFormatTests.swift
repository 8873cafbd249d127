import AWSMaterialProviders
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors
@testable import MessageForge

@Suite("Formats of written sets")
struct SetFormatTests {
    @Test("An encrypt manifest is answered in v5, a decrypt-generate one in v2, or v4 when it is of version 4")
    func defaults() async throws {
        let test = Workshop.flat(Workshop.aes)
        for version in [1, 2, 4] {
            #expect(try await Workshop(version: version, tests: ["t": test]).run().format == .v5)
            let generate = try Workshop(.decryptGenerate, version: version, tests: ["t": Workshop.generate(test)])
            #expect(try await generate.run().format == (version == 4 ? .v4 : .v2))
        }
        #expect(SetFormat.v2.manifestName == "manifest.json")
        #expect(SetFormat.v4.manifestName == "manifest.json")
        #expect(SetFormat.v5.manifestName == "decrypt-manifest.json")
    }

    /// Writes one test and returns it, or the reason why it was refused.
    private static func written(
        _ test: JSONValue,
        version: Int = 2,
        in format: SetFormat
    ) async throws -> (test: JSONValue?, refusal: String?, workshop: Workshop) {
        let workshop = try Workshop(version: version, tests: ["t": test])
        let report = try await workshop.run { $0.format = format }
        #expect(report.tests.counts.failed == 0)
        guard report.isWritten else {
            return (nil, report.tests.sets[0].results[0].reason, workshop)
        }
        let manifest = try workshop.json(format.manifestName)
        #expect(manifest["manifest"] == ["type": "awses-decrypt", "version": .integer(Int64(format.version))])
        #expect(manifest["client"]?["name"] == "aws-encryption-sdk-swift")
        #expect(manifest["keys"] == "file://keys.json")
        #expect(try await workshop.decrypt().counts.passed == 1)
        return (manifest["tests"]?["t"], nil, workshop)
    }

    @Test("Version 2 has ciphertext, keys and result, and nothing more")
    func version2() async throws {
        let test = Workshop.flat(Workshop.aes, Workshop.rsa("rsa-private", "pkcs1", "sha1"))
        let written = try await Self.written(test, in: .v2)
        #expect(
            written.test == [
                "ciphertext": "file://ciphertexts/t",
                "master-keys": [Workshop.aes, Workshop.rsa("rsa-private", "pkcs1", nil)],
                "result": ["output": ["plaintext": "file://plaintexts/small"]],
            ]
        )
    }

    @Test("Version 4 adds materials manager and encryption context to every test")
    func version4() async throws {
        let plain = try await Self.written(Workshop.flat(Workshop.aes), in: .v4)
        #expect(plain.test?["cmm"] == "Default")
        #expect(plain.test?["encryption-context"] == ["key1": "a", "key2": "b"])
        let required = Workshop.flat(Workshop.aes, more: ["cmm": "RequiredEncryptionContext"])
        let written = try await Self.written(required, version: 4, in: .v4)
        #expect(written.test?["cmm"] == "RequiredEncryptionContext")
        let message = try MessageDissector.dissect(written.workshop.bytes("ciphertexts/t"))
        #expect(message.encryptionContext.isEmpty)
    }

    @Test("Version 5 nests the scenario and has every member that its readers insist on")
    func version5() async throws {
        let test = Workshop.flat(Workshop.rsa("rsa-private", "pkcs1", nil), Workshop.aes)
        let written = try await Self.written(test, in: .v5)
        #expect(
            written.test == [
                "decryption-scenario": [
                    "type": "positive-esdk", "description": "t", "ciphertext": "file://ciphertexts/t",
                    "result": "file://plaintexts/small", "algorithmSuiteId": "0478", "frame-size": 32,
                    "decryptKeyDescription": [
                        "type": "multi-keyring", "generator": Workshop.rsa("rsa-private", "pkcs1", "sha1"),
                        "childKeyrings": [Workshop.aes],
                    ],
                    "reproduced-encryption-context": ["key1": "a", "key2": "b"],
                ]
            ]
        )
    }

    @Test("A required encryption context goes from the flat form to the nested one and back where both can say it")
    func requiredContext() async throws {
        let flat = Workshop.flat(Workshop.aes, more: ["cmm": "RequiredEncryptionContext"])
        let nested = try await Self.written(flat, version: 4, in: .v5)
        #expect(
            nested.test?["decryption-scenario"]?["decryptKeyDescription"]
                == Workshop.required(["key1", "key2"], Workshop.aes)
        )
        let all = Workshop.scenario(Workshop.required(["key2", "key1"], Workshop.aes))
        let back = try await Self.written(all, version: 5, in: .v4)
        #expect(back.test?["cmm"] == "RequiredEncryptionContext")
        #expect(back.test?["master-keys"] == [Workshop.aes])

        let some = Workshop.scenario(Workshop.required(["key1"], Workshop.aes))
        #expect(try await Self.written(some, version: 5, in: .v4).refusal?.contains("some pairs only") == true)
        #expect(try await Self.written(all, version: 5, in: .v2).refusal?.contains("cannot be expressed in v2") == true)
        #expect(try await Self.written(some, version: 5, in: .v5).refusal == nil)
        // The keyring alone decrypts, but the pair must be supplied all the same.
        let encryptOnly = Workshop.scenario(Workshop.required(["key1"], Workshop.aes), decrypt: Workshop.aes)
        #expect(try await Self.written(encryptOnly, version: 5, in: .v4).refusal != nil)
        #expect(try await Self.written(encryptOnly, version: 5, in: .v5).refusal == nil)
    }

    @Test("What the flat list of keys cannot say is refused", arguments: [SetFormat.v2, .v4])
    func refusedByLists(format: SetFormat) async throws {
        let nested = Workshop.multi(Workshop.aes, Workshop.multi(nil, Workshop.aes128))
        for keys in [Workshop.hierarchy, Workshop.ecdh("static"), nested] {
            let refusal = try await Self.written(Workshop.scenario(keys), version: 5, in: format).refusal
            #expect(refusal?.contains("cannot be expressed in \(format)") == true, "\(keys)")
            #expect(try await Self.written(Workshop.scenario(keys), version: 5, in: .v5).refusal == nil)
        }
        let multi = Workshop.scenario(Workshop.multi(Workshop.aes, Workshop.aes128))
        let written = try await Self.written(multi, version: 5, in: format)
        #expect(written.test?["master-keys"] == [Workshop.aes, Workshop.aes128])
    }

    @Test("Version 5 cannot say a decryption method; a must-fail test is marked as negative there")
    func refusedByScenarios() async throws {
        let scenario = Workshop.flat(Workshop.aes)
        let workshop = try Workshop(
            .decryptGenerate,
            tests: [
                "method": Workshop.generate(scenario, more: ["decryption-method": "streaming-unsigned-only"]),
                "negative": Workshop.generate(scenario, more: ["tampering": "half-sign"]),
            ]
        )
        let report = try await workshop.run { $0.format = .v5 }
        #expect(report.tests.counts.skipped == 1)
        let written = try workshop.json("decrypt-manifest.json")["tests"]?["negative"]?["decryption-scenario"]
        #expect(written?["type"] == "negative-esdk")
        #expect(written?["result"]?["error"]?["error-description"]?.string?.hasPrefix("Unsigned message") == true)
        #expect(try await workshop.decrypt().counts.passed == 1)
    }

    @Test("Members that are null, or mean nothing beside AES, are left out")
    func nulls() async throws {
        var keys = try #require(Workshop.aes.object)
        keys["padding-algorithm"] = .null
        keys["padding-hash"] = "sha1"
        let written = try await Self.written(Workshop.flat(.object(keys)), in: .v2)
        #expect(written.test?["master-keys"] == [Workshop.aes])
    }

    @Test("Lists that name only RSA public keys for both directions decrypt with the private twins")
    func publicKeys() async throws {
        let lone = try await Self.written(Workshop.flat(Workshop.rsa("rsa-public")), in: .v2)
        #expect(lone.test?["master-keys"] == [Workshop.rsa("rsa-private")])
        let beside = Workshop.flat(Workshop.rsa("rsa-private"), Workshop.rsa("rsa-public"))
        let kept = try await Self.written(beside, in: .v2)
        #expect(kept.test?["master-keys"] == [Workshop.rsa("rsa-private"), Workshop.rsa("rsa-public")])
        // Nothing here opens what was wrapped under a public key without a twin.
        #expect(try await Self.written(Workshop.flat(Workshop.rsa("rsa-blackhole")), in: .v2).refusal != nil)
        let blackhole = Workshop.flat(Workshop.rsa("rsa-private"), Workshop.rsa("rsa-blackhole"))
        #expect(try await Self.written(blackhole, in: .v2).refusal == nil)
    }

    @Test("A private RSA entry encrypts with the public key in it, under its own key-id", arguments: [nil, "seed"])
    func privateKeyEncrypts(seed: String?) async throws {
        var keys = try Workshop.keys()
        var entry = try #require(keys["rsa-private"]?.object)
        entry["key-id"] = "my own"
        keys["rsa-private"] = .object(entry)
        let workshop = try Workshop(tests: ["t": Workshop.flat(Workshop.rsa("rsa-private"))], keys: keys)
        _ = try await workshop.run { $0.seed = seed }
        let message = try MessageDissector.dissect(workshop.bytes("ciphertexts/t"))
        #expect(message.encryptedDataKeys.map(\.keyProviderInfo) == [Array("my own".utf8)])
        #expect(try await workshop.decrypt().counts.passed == 1)
    }

    // MARK: - Keys

    @Test(
        "Versions 2 and 4 have only the keys in use, with the members that every reader knows",
        arguments: [SetFormat.v2, .v4]
    )
    func minimalKeys(format: SetFormat) async throws {
        var keys = try Workshop.keys()
        keys["aes-256"] = [
            "type": "symmetric", "algorithm": "aes", "bits": 256, "encoding": "base64", "x-vendor": 1,
            "line-separator": "", "material": ["AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAA="],
        ]
        let workshop = try Workshop(tests: ["t": Workshop.flat(Workshop.aes)], keys: keys)
        _ = try await workshop.run { $0.format = format }
        #expect(
            try workshop.json("keys.json") == [
                "manifest": ["type": "keys", "version": 3],
                "keys": [
                    "aes-256": [
                        "type": "symmetric", "algorithm": "aes", "bits": 256, "encoding": "base64",
                        "material": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "key-id": "aes-256",
                        "encrypt": true, "decrypt": true,
                    ]
                ],
            ]
        )
        #expect(try await workshop.decrypt().counts.passed == 1)
    }

    @Test("Version 5 passes on all keys")
    func allKeys() async throws {
        let workshop = try Workshop(tests: ["t": Workshop.flat(Workshop.aes)])
        _ = try await workshop.run()
        #expect(try workshop.json("keys.json")["keys"] == .object(Workshop.keys()))
    }

    @Test("Manifests are ASCII, and their texts come back as they were")
    func ascii() async throws {
        let context: JSONObject = [
            "\u{10000}": "\u{E000}", "e\u{301}": "é", "\0\u{1}": "ключ \"鍵\" 🧿", "\u{FFFD}": "\u{7F}",
        ]
        let workshop = try Workshop(tests: ["tést": Workshop.flat(Workshop.aes, context: context)])
        _ = try await workshop.run()
        #expect(try workshop.bytes("decrypt-manifest.json").allSatisfy { $0 < 0x80 })
        let scenario = try workshop.json("decrypt-manifest.json")["tests"]?["tést"]?["decryption-scenario"]
        #expect(scenario?["reproduced-encryption-context"] == .object(context))
        #expect(try await workshop.decrypt().counts.passed == 1)
    }
}
