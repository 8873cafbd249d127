import AWSMaterialProviders
import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Reading encrypt and decrypt-generate manifests")
struct EncryptSetLoaderTests {
    private static func instructions(
        _ kind: ManifestKind = .encrypt,
        version: Int,
        _ test: JSONValue
    ) throws -> EncryptInstructions {
        try Workshop(kind, version: version, tests: ["t": test]).load().tests[0].content.get()
    }

    private static func problem(_ test: JSONValue, _ kind: ManifestKind = .encrypt, version: Int = 2) throws
        -> VectorError?
    {
        let content = try Workshop(kind, version: version, tests: ["t": test]).load().tests[0].content
        guard case .failure(let problem) = content else { return nil }
        return problem
    }

    @Test("Every dialect says the same thing")
    func dialects() throws {
        let flat = Workshop.flat(Workshop.aes)
        let read = try [
            Self.instructions(version: 1, flat), Self.instructions(version: 2, flat),
            Self.instructions(version: 4, Workshop.flat(Workshop.aes, more: ["cmm": "Default"])),
            Self.instructions(version: 5, Workshop.scenario(Workshop.aes)),
            Self.instructions(.decryptGenerate, version: 1, Workshop.generate(flat)),
            Self.instructions(.decryptGenerate, version: 2, Workshop.generate(flat)),
            Self.instructions(.decryptGenerate, version: 4, Workshop.generate(flat)),
        ]
        for instructions in read {
            #expect(instructions.plaintextName == "small")
            #expect(instructions.suite == .aes256GCMHKDFSHA512CommitKey)
            #expect(instructions.frameLength == 32)
            #expect(
                instructions.encryptionContext.pairs.map { String(decoding: $0.key, as: UTF8.self) } == [
                    "key1", "key2",
                ]
            )
            #expect(instructions.encryptKeys.description == .raw(key: "aes-256", providerID: "ns", .aes))
            #expect(instructions.decryptKeys.description == instructions.encryptKeys.description)
            #expect(instructions.tampering == .none)
            #expect(instructions.method == .any)
            #expect(instructions.refusal == nil)
            #expect(instructions.requiredContextKeys.isEmpty)
        }
    }

    @Test("A frame length is what it says, 0 for no frames, and 4,096 where it says nothing")
    func frameLength() throws {
        let test = Workshop.flat(Workshop.aes, frameLength: 0)
        #expect(try Self.instructions(version: 2, test).frameLength == 0)
        var object = try #require(test.object)
        object["frame-size"] = nil
        #expect(try Self.instructions(version: 4, .object(object)).frameLength == 4096)
        for length: JSONValue in [-1, .number(1.5), "512", .integer(1 << 32)] {
            object["frame-size"] = length
            #expect(try Self.problem(.object(object))?.code == .broken)
        }
    }

    @Test("Required keys come from the cmm member or the description")
    func requiredKeys() throws {
        let flat = Workshop.flat(Workshop.aes, more: ["cmm": "RequiredEncryptionContext"])
        #expect(
            try Self.instructions(version: 4, flat).requiredContextKeys == [Array("key1".utf8), Array("key2".utf8)]
        )
        let nested = Workshop.scenario(Workshop.required(["key2"], Workshop.aes))
        #expect(try Self.instructions(version: 5, nested).requiredContextKeys == [Array("key2".utf8)])
    }

    @Test("Tampering is read in a decrypt-generate manifest, and a foreign member elsewhere")
    func tamperingElsewhere() throws {
        let test = Workshop.flat(Workshop.aes, more: ["tampering": "truncate"])
        let set = try Workshop(tests: ["t": test]).load()
        #expect(try set.tests[0].content.get().tampering == .none)
        #expect(set.diagnostics.contains { $0.text.contains("\"tampering\"") })
        let generate = Workshop.generate(Workshop.flat(Workshop.aes), more: ["tampering": "mutate"])
        #expect(try Self.instructions(.decryptGenerate, version: 2, generate).tampering == .mutate)
    }

    @Test("What a test lacks or has wrong fails it alone")
    func broken() throws {
        for name in ["plaintext", "algorithm", "master-keys"] {
            var object = try #require(Workshop.flat(Workshop.aes).object)
            object[name] = nil
            #expect(try Self.problem(.object(object))?.code == .broken, "\(name)")
            object[name] = 7
            #expect(try Self.problem(.object(object))?.code == .broken, "\(name)")
        }
        #expect(try Self.problem(Workshop.flat(Workshop.aes, suite: "9999"))?.code == .broken)
        #expect(try Self.problem(Workshop.flat())?.code == .broken)
        #expect(try Self.problem("text")?.code == .broken)
        #expect(try Self.problem(Workshop.flat(Workshop.aes), .decryptGenerate)?.code == .broken)
    }

    @Test("What is merely not known is skipped")
    func unsupported() throws {
        let tests = [
            Workshop.flat(Workshop.aes, suite: "6700"), Workshop.flat(Workshop.aes, more: ["cmm": "Caching"]),
            Workshop.scenario(Workshop.aes, more: ["type": "negative-esdk"]),
        ]
        for test in tests { #expect(try Self.problem(test)?.code == .unsupported) }
    }

    @Test("A manifest of another kind is refused, with what reads it")
    func wrongKind() throws {
        let encrypt = try Workshop(tests: ["t": Workshop.flat(Workshop.aes)])
        let path = encrypt.path + "/encrypt-manifest.json"
        #expect(throws: VectorError(.nothingToEncrypt, path: "", reason: "")) {
            try EncryptSetLoader.load(path, kind: .decryptGenerate)
        }
        #expect(throws: VectorError(.nothingToEncrypt, path: "", reason: "")) {
            try EncryptSetLoader.load(encrypt.path + "/keys.json", kind: .encrypt)
        }
        #expect(try EncryptSetLoader.load(encrypt.path, kind: .encrypt).tests.count == 1)
        #expect(throws: VectorError(.noManifest, path: "", reason: "")) {
            try EncryptSetLoader.load(encrypt.path, kind: .decryptGenerate)
        }
    }

    @Test("A manifest without tests, plaintexts or keys is refused")
    func incomplete() throws {
        #expect(throws: VectorError(.emptySet, path: "", reason: "")) { try Workshop(tests: [:]).load() }
        let folder = try TemporaryFolder()
        let header = #""manifest": {"type": "awses-encrypt", "version": 2}"#
        let files = [
            (#"{\#(header), "keys": "file://keys.json", "tests": {"t": {}}}"#, VectorError.Code.malformed),
            (#"{\#(header), "keys": "file://keys.json", "plaintexts": {}}"#, .malformed),
            (#"{\#(header), "keys": "file://keys.json", "plaintexts": {}, "tests": {"t": {}}}"#, .keys),
            (#"{\#(header), "plaintexts": {}, "tests": []}"#, .malformed),
            (#"{"manifest": {"type": "awses-encrypt", "version": 3}}"#, .unknownVersion),
        ]
        for (text, code) in files {
            let path = try folder.write("encrypt.json", text)
            #expect(throws: VectorError(code, path: "", reason: "")) { try EncryptSetLoader.load(path, kind: .encrypt) }
        }
    }
}

@Suite("The plan of manifests/interop")
struct InteropPlanTests {
    @Test("All of it is written but for what needs AWS KMS")
    func plan() async throws {
        let set = try EncryptSetLoader.load(RepositoryFiles.path("manifests/interop"), kind: .encrypt)
        #expect(set.tests.count == 886)
        #expect(set.diagnostics.isEmpty)
        let folder = try TemporaryFolder()
        var options = GenerationOptions(run: RunOptions(jobs: 4), output: folder.path + "/out")
        options.seed = "plan"
        let report = try await GenerationRun(set, options: options).run { _ in }
        #expect(report.positiveCount == 718)
        #expect(report.tests.counts.failed == 0)
        let reasons = Set(report.tests.sets[0].results.filter { $0.status == .skipped }.map(\.reason))
        #expect(reasons == ["only AWS KMS can wrap the data key"])
        #expect(report.tests.counts.skipped == 168)
    }
}
