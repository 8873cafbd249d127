import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKTestVectors
import Foundation
import TestSupport
import Testing

@testable import MessageForge

@Suite("Reproduction runner")
struct ReproductionRunnerTests {
    static func run(_ test: DecryptTest) async throws -> TestResult {
        let dataKey = [UInt8](1...32)
        let set = MadeUpSet.make([test], keys: [MadeUpSet.entry("key", .dataKey(dataKey))])
        return try #require(await MadeUpSet.runner(set).run(test))
    }

    static func message() throws -> [UInt8] {
        try MessageBuilder.build(Blueprints.make(.aes256GCMHKDFSHA512CommitKeyECDSAP384)).bytes
    }

    @Test("An opened message passes; its signature is carried over and verified")
    func passes() async throws {
        let result = try await Self.run(MadeUpSet.test("t", message: Self.message(), keys: .dataKey(key: "key")))
        #expect(result.status == .passed)
        #expect(result.suite == "0578")
        #expect(result.cases.first?.name == "message")
        #expect(result.cases.first?.reason == "signature carried over; it verifies")
        #expect(result.cases.dropFirst().map(\.status) == [.skipped, .skipped])
    }

    @Test("A test that must not open is skipped, even if it opens")
    func mustFail() async throws {
        let result = try await Self.run(
            MadeUpSet.test("t", message: Self.message(), keys: .dataKey(key: "key"), mustOpen: false)
        )
        #expect(result.status == .skipped)
        #expect(result.reason == "must not open")
        #expect(result.cases.isEmpty)
    }

    @Test("A message that decryption refuses is skipped with the refusal")
    func refused() async throws {
        var message = try Self.message()
        message[message.count - 1] ^= 1
        let result = try await Self.run(MadeUpSet.test("t", message: message, keys: .dataKey(key: "key")))
        #expect(result.status == .skipped)
        #expect(result.reason?.hasPrefix("not opened: ") == true)
    }

    @Test("A test without its key is broken, one for a service is skipped")
    func keys() async throws {
        let broken = try await Self.run(MadeUpSet.test("t", message: Self.message(), keys: .dataKey(key: "none")))
        #expect(broken.status == .failed)
        #expect(broken.failure == .brokenSet)
        let service = try await Self.run(
            MadeUpSet.test("t", message: Self.message(), keys: .awsKMSMRKDiscovery(region: "r", filter: nil))
        )
        #expect(service.status == .skipped)
    }
}

/// Sets in memory.
enum MadeUpSet {
    static func make(_ tests: [DecryptTest], keys: [KeyEntry]) -> VectorSet {
        VectorSet(
            path: "set",
            manifestPath: "set/manifest.json",
            header: ManifestHeader(kind: .decrypt, type: "awses-decrypt", version: 2),
            producer: Producer(name: "made-up", version: "1"),
            folder: VectorFolder("/nonexistent"),
            keys: KeyTable(declaredVersion: 3, entries: keys),
            decryptTests: tests,
            diagnostics: []
        )
    }

    static func test(
        _ id: String,
        message: [UInt8],
        keys: KeyDescription,
        context: [(String, String)] = [],
        requiresContext: Bool = false,
        mustOpen: Bool = true
    ) -> DecryptTest {
        let pairs = context.map { ContextPairs.Pair(key: Array($0.0.utf8), value: Array($0.1.utf8)) }
        return DecryptTest(
            id: id,
            description: nil,
            keys: keys,
            declaredSuite: nil,
            declaredFrameLength: nil,
            content: .success(
                DecryptInstructions(
                    ciphertext: .inline(message),
                    keys: keys,
                    cmm: requiresContext ? .requiredEncryptionContext : .unspecified,
                    encryptionContext: ContextPairs(pairs),
                    expected: mustOpen ? .plaintext(.inline([])) : .refusal(nil)
                )
            )
        )
    }

    static func entry(_ name: String, keyID: String? = nil, _ material: KeyMaterial) -> KeyEntry {
        KeyEntry(name: name, keyID: keyID ?? name, encrypt: nil, decrypt: nil, bits: nil, material: material)
    }

    static func runner(_ set: VectorSet, retry: Bool = false) -> ReproductionRunner {
        var options = RunOptions(jobs: 1, task: .reproduce)
        options.allowsNetV4_0_0Retry = retry
        return ReproductionRunner(set: set, options: options, cache: KeyCache())
    }
}

/// Keys under `Tests/Vectors/keys`, which openssl wrote.
enum SampleKeys {
    static var rsa: String {
        get throws { try VectorFile.text("keys/rsa-pkcs8.pem") }
    }
}
