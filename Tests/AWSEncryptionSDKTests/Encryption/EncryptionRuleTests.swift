import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite("Rules of encryption")
struct EncryptionRuleTests {
    /// A materials manager that lets a closure make, or spoil, the materials.
    struct ClosureCMM: CryptographicMaterialsManager {
        let make: @Sendable (EncryptionMaterialsRequest) async throws -> EncryptionMaterials

        func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
            try await make(request)
        }

        func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
            throw EncryptionSDKError(.invalidConfiguration, "only encrypts")
        }
    }

    private static func expectRefusal(
        _ code: EncryptionSDKError.Code,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("not refused", sourceLocation: sourceLocation)
        } catch let error as EncryptionSDKError {
            #expect(error.code == code, sourceLocation: sourceLocation)
        } catch {
            Issue.record("not an error of the library: \(error)", sourceLocation: sourceLocation)
        }
    }

    private static func keyring() throws -> RawAESKeyring { try EncryptionKeyrings.aes(.aes256GCM) }

    @Test(
        "P03: a suite that the commitment policy does not write",
        arguments: CommitmentPolicy.allCases,
        AlgorithmSuite.all
    )
    func commitmentPolicy(_ policy: CommitmentPolicy, _ suite: AlgorithmSuite) async throws {
        let client = try EncryptionSDK(commitmentPolicy: policy)
        let isAllowed = suite.isCommitting == (policy != .forbidEncryptAllowDecrypt)
        if isAllowed {
            let result = try await client.encrypt([1], using: Self.keyring(), algorithmSuite: suite)
            #expect(result.algorithmSuite == suite)
        } else {
            await Self.expectRefusal(.commitmentPolicyViolation) {
                // The keyring would fail: nothing may get as far.
                _ = try await client.encrypt([1], using: StubKeyring(dataKey: []), algorithmSuite: suite)
            }
        }
    }

    @Test("P04: a materials manager that returns a suite the policy does not write")
    func materialsOfAnotherSuite() async throws {
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let cmm = ClosureCMM { _ in
            let materials = try EncryptionMaterials(algorithmSuite: .aes256GCM, encryptionContext: [:])
            return try await Self.keyring().onEncrypt(materials)
        }
        await Self.expectRefusal(.commitmentPolicyViolation) {
            _ = try await client.encrypt([1], using: cmm)
        }
    }

    @Test("P05: more encrypted data keys than the maximum, and exactly as many")
    func maximumEncryptedDataKeys() async throws {
        let client = try EncryptionSDK(maximumEncryptedDataKeys: 2)
        let three = try MultiKeyring(generator: Self.keyring(), childKeyrings: [Self.keyring(), Self.keyring()])
        await Self.expectRefusal(.tooManyEncryptedDataKeys) { _ = try await client.encrypt([1], using: three) }
        let two = try MultiKeyring(generator: Self.keyring(), childKeyrings: [Self.keyring()])
        #expect(try await client.encrypt([1], using: two).header.encryptedDataKeys.count == 2)
    }

    @Test(
        "P07: a key of the caller's context that starts with aws-crypto-",
        arguments: ["aws-crypto-", "aws-crypto-public-key", "aws-crypto-x"]
    )
    func reservedKeys(_ key: String) async throws {
        await Self.expectRefusal(.reservedEncryptionContextKey) {
            let context = EncryptionContext([key: "value"])
            _ = try await EncryptionSDK().encrypt([1], using: Self.keyring(), encryptionContext: context)
        }
    }

    @Test(
        "P07: keys that only resemble the reserved prefix are written",
        arguments: ["aws-crypto", "AWS-crypto-", " aws-crypto-"]
    )
    func unreservedKeys(_ key: String) async throws {
        let context = EncryptionContext([key: "value"])
        let result = try await EncryptionSDK().encrypt([1], using: Self.keyring(), encryptionContext: context)
        #expect(result.header.encryptionContext[key] == "value")
    }

    @Test("P08: a public key in the context of the default CMM's request, for signed and unsigned suites")
    func publicKeyInRequest() async throws {
        for suite in [AlgorithmSuite.aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA512CommitKeyECDSAP384] {
            await Self.expectRefusal(.reservedEncryptionContextKey) {
                _ = try await DefaultCMM(keyring: Self.keyring()).encryptionMaterials(
                    for: EncryptionMaterialsRequest(
                        encryptionContext: [EncryptionContext.publicKeyName: "x"],
                        commitmentPolicy: .requireEncryptRequireDecrypt,
                        algorithmSuite: suite
                    )
                )
            }
        }
    }

    @Test("P09: a context that takes more than 65,535 bytes, and one that takes exactly as many")
    func contextTooLong() async throws {
        let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.rsa(.oaep(.sha256))
        // Count 2, lengths 2 + 2, key 1, value: 65,535 in all.
        let longest: EncryptionContext = ["k": String(repeating: "v", count: 65_535 - 7)]
        let message = try await client.encrypt(
            [1],
            using: keyring,
            encryptionContext: longest,
            algorithmSuite: suite
        ).ciphertext
        #expect(try await client.decrypt(message, using: keyring).message.encryptionContext == longest)
        let values = [String(repeating: "v", count: 65_535 - 6), String(repeating: "v", count: 65_536)]
        let pairs = (0..<65_536).map { EncryptionContext.Entry(key: String($0), value: "") }
        let contexts = values.map { ["k": $0] as EncryptionContext } + [try EncryptionContext(entries: pairs)]
        for context in contexts {
            await Self.expectRefusal(.encryptionContextTooLong) {
                _ = try await client.encrypt(
                    [1],
                    using: keyring,
                    encryptionContext: context,
                    algorithmSuite: suite
                )
            }
        }
    }

    @Test("P09: a context that only the public key makes too long")
    func publicKeyMakesContextTooLong() async throws {
        await Self.expectRefusal(.encryptionContextTooLong) {
            _ = try await EncryptionSDK().encrypt(
                [1],
                using: EncryptionKeyrings.rsa(.oaep(.sha256)),
                encryptionContext: ["k": String(repeating: "v", count: 65_535 - 7)]
            )
        }
    }

    @Test("P10, P13: a frame length of 0 (which would mean non-framed), negative, or above 2^32 - 1")
    func frameLengths() async throws {
        for length in [0, -1, Int.min, 1 << 32, Int.max] {
            await Self.expectRefusal(.invalidFrameLength) {
                _ = try await EncryptionSDK().encrypt([1], using: Self.keyring(), frameLength: length)
            }
        }
        let longest = try await EncryptionSDK().encrypt([1], using: Self.keyring(), frameLength: (1 << 32) - 1)
        #expect(longest.header.frameLength == .max)
        #expect(try await EncryptionSDK().decrypt(longest.ciphertext, using: Self.keyring()).plaintext == [1])
    }

    @Test("P12: a maximum of 0 encrypted data keys; exactly one of keyring and CMM is a matter of the signatures")
    func maximumOfZero() {
        #expect(throws: EncryptionSDKError(.invalidConfiguration, "")) {
            try EncryptionSDK(maximumEncryptedDataKeys: 0)
        }
    }

    @Test("P15: materials without a data key")
    func noDataKey() async throws {
        let cmm = ClosureCMM { _ in
            try EncryptionMaterials(algorithmSuite: .aes256GCMHKDFSHA512CommitKey, encryptionContext: [:])
        }
        await Self.expectRefusal(.invalidMaterials) {
            _ = try await EncryptionSDK().encrypt([1], using: cmm)
        }
    }

    @Test("P15: materials without an encrypted data key")
    func noEncryptedDataKey() async throws {
        let cmm = ClosureCMM { _ in
            try EncryptionMaterials(algorithmSuite: .aes256GCMHKDFSHA512CommitKey, encryptionContext: [:])
                .generatingDataKeyIfNeeded()
        }
        await Self.expectRefusal(.invalidMaterials) {
            _ = try await EncryptionSDK().encrypt([1], using: cmm)
        }
    }

    @Test("P15: a required key of the request that the materials would store")
    func requiredKeyStored() async throws {
        let storing = ClosureCMM { request in
            let materials = try EncryptionMaterials(
                algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
                encryptionContext: request.encryptionContext
            )
            return try await Self.keyring().onEncrypt(materials)
        }
        let cmm = try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: ["a"], underlying: storing)
        await Self.expectRefusal(.invalidMaterials) {
            _ = try await EncryptionSDK().encrypt([1], using: cmm, encryptionContext: ["a": "b"])
        }
    }

    @Test("P18, P19: a required pair is authenticated, not stored, and must be supplied to encrypt and to decrypt")
    func requiredContext() async throws {
        let client = try EncryptionSDK()
        let cmm = try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: ["a"], underlying: Self.keyring())
        await Self.expectRefusal(.missingRequiredEncryptionContext) {
            _ = try await client.encrypt([1], using: cmm, encryptionContext: ["c": "d"])
        }
        let result = try await client.encrypt([1], using: cmm, encryptionContext: ["a": "b", "c": "d"])
        #expect(result.header.encryptionContext["a"] == nil)
        #expect(result.header.encryptionContext["c"] == "d")
        #expect(result.encryptionContext["a"] == "b")
        let again = try await client.decrypt(result.ciphertext, using: cmm, encryptionContext: ["a": "b"])
        #expect(again.plaintext == [1])
        await Self.expectRefusal(.noDataKey) {
            _ = try await client.decrypt(result.ciphertext, using: Self.keyring(), encryptionContext: ["a": "x"])
        }
        await Self.expectRefusal(.noDataKey) {
            _ = try await client.decrypt(result.ciphertext, using: Self.keyring())
        }
    }

    @Test("a part of an encrypted data key that does not fit into its field")
    func dataKeyPartTooLong() async throws {
        let cmm = ClosureCMM { _ in
            try EncryptionMaterials(algorithmSuite: .aes256GCMHKDFSHA512CommitKey, encryptionContext: [:])
                .generatingDataKeyIfNeeded()
                .adding(
                    EncryptedDataKey(
                        keyProviderID: [1],
                        keyProviderInfo: [],
                        ciphertext: [UInt8](repeating: 0, count: 65_536)
                    )
                )
        }
        await Self.expectRefusal(.invalidMaterials) {
            _ = try await EncryptionSDK().encrypt([1], using: cmm)
        }
    }

    @Test("65,535 encrypted data keys are written and read, 65,536 are refused")
    func numberOfDataKeys() async throws {
        let materials = try EncryptionMaterials(algorithmSuite: .aes256GCMHKDFSHA512CommitKey, encryptionContext: [:])
        let filled = try await Self.keyring().onEncrypt(materials)
        let other = EncryptedDataKey(keyProviderID: [1], keyProviderInfo: [], ciphertext: [])
        let message = try await EncryptionSDK().encrypt(
            [1],
            using: ClosureCMM { _ in filled.adding(Array(repeating: other, count: 65_534)) }
        ).ciphertext
        let read = try await EncryptionSDK().decrypt(message, using: Self.keyring())
        #expect(read.plaintext == [1])
        #expect(read.message.header.encryptedDataKeys.count == 65_535)
        await Self.expectRefusal(.invalidMaterials) {
            _ = try await EncryptionSDK().encrypt(
                [1],
                using: ClosureCMM { _ in filled.adding(Array(repeating: other, count: 65_535)) }
            )
        }
    }
}
