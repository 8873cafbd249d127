import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Vectors of the material providers")
struct MaterialsRunTests {
    private func run(_ set: MaterialsSet) async -> [TestResult] {
        await MaterialsRun(set, options: RunOptions(jobs: 2, task: .decrypt)).run { _ in }.sets.flatMap(\.results)
    }

    /// Runs one test of `awses-mpl-encrypt` or `awses-mpl-decrypt`.
    private func run(_ members: String, type: String = "awses-mpl-encrypt", keys: String = keys) async throws
        -> TestResult
    {
        let folder = try TemporaryFolder()
        try folder.write("keys.json", Fixture.keys(keys))
        try folder.write(
            "manifest.json",
            #"{"manifest": {"type": "\#(type)", "version": 4}, "keys": "file://keys.json", "tests": {"t": {\#(members)}}}"#
        )
        let results = await run(try MaterialsSet.load(folder.path))
        return try #require(results.first)
    }

    private static let keys =
        Fixture.aesKey
            + #"""
            , "other": {"type": "symmetric", "key-id": "other", "encrypt": true, "decrypt": true, "algorithm": "aes",
             "bits": 128, "encoding": "base64", "material": "/wECAwQFBgcICRAREhMUFQ=="},
            "given": {"type": "static-material", "encrypt": true, "decrypt": true, "key-id": "given", "algorithmSuiteId": "0478",
             "encryptionContext": {}, "requiredEncryptionContextKeys": [], "encryptedDataKeys": [
              {"keyProviderId": "p", "keyProviderInfo": "aW5mbw==", "ciphertext": "Y2lwaGVydGV4dA=="}],
             "plaintextDataKey": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="},
            "none": {"type": "static-material", "encrypt": true, "decrypt": true, "key-id": "none", "algorithmSuiteId": "0478",
             "encryptionContext": {}, "requiredEncryptionContextKeys": [], "encryptedDataKeys": [
              {"keyProviderId": "p", "keyProviderInfo": "aW5mbw==", "ciphertext": "Y2lwaGVydGV4dA=="}]}
            """#

    private static let aes = Fixture.aesDescription
    private static let other = #"{"type": "raw", "key": "other", "provider-id": "ns", "encryption-algorithm": "aes"}"#

    private static func given(_ name: String) -> String { #"{"type": "static-material-keyring", "key": "\#(name)"}"# }

    private static func caching(_ limits: String) -> String {
        #"{"type": "caching-cmm", "underlying": \#(given("given")), "cacheLimitTtlSeconds": 5, \#(limits)}"#
    }

    /// The members of a test of encryption.
    private static func members(
        _ type: String = "positive-keyring",
        encrypt: String = aes,
        decrypt: String = aes,
        more: String = ""
    ) -> String {
        #"""
        "type": "\#(type)", "decryptErrorDescription": "d", "errorDescription": "e", "algorithmSuiteId": "0478",
        "encryptionContext": {"a": "a", "b": "b"}, "encryptKeyDescription": \#(encrypt), "decryptKeyDescription": \#(decrypt),
        "keyDescription": \#(encrypt)\#(more)
        """#
    }

    @Test(
        "the published vectors pass, but for those that need AWS KMS, another client's suite or a draft's cache identifiers"
    )
    func published() async throws {
        let results = await run(try MaterialsSet.load(VectorFile.path("material-providers")))
        #expect(results.count == 373)
        #expect(results.filter { $0.status == .failed }.map(\.id) == [])
        #expect(results.count { $0.status == .passed } == 195)
        let reasons = Set(results.filter { $0.status == .skipped }.compactMap(\.reason))
        #expect(
            reasons == [
                "only AWS KMS can wrap the data key", "algorithm suite 6700 belongs to another client",
                "algorithm suite 6701 belongs to another client",
                "it expects the cache identifiers of a draft that was never released",
            ]
        )
    }

    @Test(
        "materials are made and recovered",
        arguments: [
            members(), members(encrypt: given("given"), decrypt: given("given")),
            members(more: #", "requiredEncryptionContextKeys": ["a"], "reproducedEncryptionContext": {"a": "a"}"#),
            members("negative-decrypt-keyring", decrypt: other),
            members("negative-decrypt-keyring", more: #", "reproducedEncryptionContext": {"a": "c"}"#),
            members("negative-decrypt-keyring", more: #", "requiredEncryptionContextKeys": ["a"]"#),
            members("negative-decrypt-keyring", decrypt: given("none")),
            members("negative-encrypt-keyring", encrypt: given("none")),
            members("negative-encrypt-keyring", more: #", "requiredEncryptionContextKeys": ["c"]"#),
        ]
    )
    func passes(_ members: String) async throws {
        let result = try await run(members)
        #expect(result.status == .passed, "\(result.reason ?? "")")
    }

    @Test(
        "what does not come out as expected fails",
        arguments: [
            (members(decrypt: other), FailureKind.refused), (members(encrypt: given("none")), .refused),
            (members("negative-decrypt-keyring"), .accepted), (members("negative-encrypt-keyring"), .accepted),
            (members(encrypt: aes, decrypt: given("given")), .wrongPlaintext),
            (members(more: #", "reproducedEncryptionContext": {"c": "c"}"#), .refused),
            (#""type": "positive-keyring", "algorithmSuiteId": "0478""#, .brokenSet),
        ]
    )
    func fails(_ members: String, _ failure: FailureKind) async throws {
        let result = try await run(members)
        #expect(result.status == .failed)
        #expect(result.failure == failure, "\(result.reason ?? "")")
    }

    @Test(
        "a caching manager asks the one below once where its limits allow, and twice where they do not",
        arguments: [
            #""limitBytes": 10, "limitMessages": 2"#, #""limitBytes": 9, "limitMessages": 2"#,
            #""limitBytes": 10, "limitMessages": 1"#,
        ]
    )
    func caching(_ limits: String) async throws {
        let manager = Self.caching(limits)
        let result = try await run(
            Self.members(encrypt: manager, decrypt: manager, more: #", "maxPlaintextLength": 5"#)
        )
        #expect(result.status == .passed, "\(result.reason ?? "")")
        #expect(
            result.cases.map(\.name) == ["encrypt", "encrypt from the cache", "decrypt", "decrypt from the cache"]
        )
    }

    @Test("encrypted data keys that a manifest spells out are opened, and their data key compared")
    func decrypt() async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "ns",
            keyName: "aes",
            wrappingKey: SecretBytes(try #require(Base64.decode("AAECAwQFBgcICRAREhMUFQ=="))),
            wrappingAlgorithm: .aes128GCM
        )
        let materials = try await DefaultCMM(keyring: keyring).encryptionMaterials(
            for: EncryptionMaterialsRequest(
                encryptionContext: ["a": "b"],
                commitmentPolicy: .requireEncryptRequireDecrypt,
                algorithmSuite: .aes256GCMHKDFSHA512CommitKey
            )
        )
        let key = try #require(materials.encryptedDataKeys.first)
        func members(_ dataKey: String, type: String = "positive-keyring") throws -> String {
            #"""
            "type": "\#(type)", "errorDescription": "e", "algorithmSuiteId": "0478", "keyDescription": \#(Self.aes),
            "encryptionContext": {"a": "b"}, "encryptedDataKeys": [{"keyProviderId": "ns",
             "keyProviderInfo": "\#(Base64.encode(key.keyProviderInfo))", "ciphertext": "\#(Base64.encode(key.ciphertext))"}]
            """# + (type == "positive-keyring" ? #", "result": {"plaintextDataKey": "\#(dataKey)"}"# : "")
        }
        let dataKey = try #require(materials.plaintextDataKey).withCopy { Base64.encode($0) }
        let type = "awses-mpl-decrypt"
        #expect(try await run(members(dataKey), type: type).status == .passed)
        let zeros = Base64.encode([UInt8](repeating: 0, count: 32))
        #expect(try await run(members(zeros), type: type).failure == .wrongPlaintext)
        #expect(try await run(members("", type: "negative-keyring"), type: type).failure == .accepted)
        let opened = try members(dataKey).replacing(#"{"a": "b"}"#, with: #"{"a": "c"}"#)
        #expect(try await run(opened, type: type).failure == .refused)
    }

    @Test("other manifests, and folders without one, are refused")
    func others() throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", Fixture.manifest("\"t\": \(Fixture.test)"))
        #expect(throws: VectorError(.noManifest, reason: "")) { try MaterialsSet.load(folder.path) }
        #expect(throws: VectorError(.malformed, reason: "")) { try MaterialsSet.load("\(folder.path)/manifest.json") }
    }
}

extension SecretBytes {
    fileprivate func withCopy<Result>(_ body: ([UInt8]) -> Result) -> Result {
        body((0..<span.count).map { span[$0] })
    }
}
