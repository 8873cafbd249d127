import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite("Encryption materials")
struct EncryptionMaterialsTests {
    private static let signed = AlgorithmSuite.aes256GCMHKDFSHA512CommitKeyECDSAP384
    private static let unsigned = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey

    private static func context(for key: ECPrivateKey) -> EncryptionContext {
        let value = String(decoding: EncryptionContext.publicKeyValue(of: key.publicKey), as: UTF8.self)
        return EncryptionContext([EncryptionContext.publicKeyName: value])
    }

    private static func expectInvalid(
        _ suite: AlgorithmSuite,
        _ context: EncryptionContext,
        required: [String] = [],
        _ key: ECPrivateKey?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: EncryptionSDKError(.invalidMaterials, ""), sourceLocation: sourceLocation) {
            try EncryptionMaterials(
                algorithmSuite: suite,
                encryptionContext: context,
                requiredEncryptionContextKeys: required,
                signingKey: key
            )
        }
    }

    @Test("P15: suite, signing key and public key in the context fit each other, or there are no materials")
    func signingKey() throws {
        let key = try ECPrivateKey.generate(.p384)
        let other = try ECPrivateKey.generate(.p384)
        let onOtherCurve = try ECPrivateKey.generate(.p256)
        Self.expectInvalid(Self.signed, Self.context(for: key), nil)
        Self.expectInvalid(Self.signed, [:], key)
        Self.expectInvalid(Self.signed, Self.context(for: other), key)
        Self.expectInvalid(Self.signed, Self.context(for: onOtherCurve), onOtherCurve)
        Self.expectInvalid(Self.unsigned, Self.context(for: key), key)
        Self.expectInvalid(Self.unsigned, Self.context(for: key), nil)
        let materials = try EncryptionMaterials(
            algorithmSuite: Self.signed,
            encryptionContext: Self.context(for: key),
            signingKey: key
        )
        #expect(materials.signingKey?.publicKey == key.publicKey)
    }

    @Test("P15: a required key that is not in the context")
    func requiredKeys() throws {
        Self.expectInvalid(Self.unsigned, ["a": "b"], required: ["c"], nil)
        let materials = try EncryptionMaterials(
            algorithmSuite: Self.unsigned,
            encryptionContext: ["a": "b", "c": "d"],
            requiredEncryptionContextKeys: ["c"]
        )
        #expect(materials.requiredEncryptionContext == ["c": "d"])
        #expect(materials.storedEncryptionContext == ["a": "b"])
    }

    @Test(
        "a data key is set once, and only with the suite's length",
        .spec(
            "structures/plaintext-data-key.1",
            "structures/fields/plaintext-data-key.1",
            "keyring-interface/generate-data-key.2"
        )
    )
    func dataKey() throws {
        let materials = try Sample.encryptionMaterials()
        for length in [0, 16, 24, 31, 33] {
            #expect(throws: EncryptionSDKError(.dataKeyLengthMismatch, "")) {
                try materials.settingDataKey(SecretBytes([UInt8](repeating: 1, count: length)))
            }
        }
        let filled = try materials.settingDataKey(SecretBytes(Sample.dataKey))
        #expect(throws: EncryptionSDKError(.dataKeyAlreadyPresent, "")) {
            try filled.settingDataKey(SecretBytes(Sample.dataKey))
        }
        #expect(try filled.generatingDataKeyIfNeeded().plaintextDataKey == SecretBytes(Sample.dataKey))
    }

    @Test(
        "generated data keys have the suite's length and differ",
        .spec(
            "aws-kms-hierarchical-keyring/onencrypt.3",
            "keyring-interface/generate-data-key.4",
            "keyring-interface/generate-data-key.5",
            "structures/plaintext-data-key.1"
        ),
        arguments: AlgorithmSuite.all
    )
    func generatedDataKey(_ suite: AlgorithmSuite) throws {
        let key = try suite.signature.map { try ECPrivateKey.generate($0.curve) }
        let materials = try EncryptionMaterials(
            algorithmSuite: suite,
            encryptionContext: key.map { Self.context(for: $0) } ?? [:],
            signingKey: key
        )
        let first = try #require(try materials.generatingDataKeyIfNeeded().plaintextDataKey)
        let second = try #require(try materials.generatingDataKeyIfNeeded().plaintextDataKey)
        #expect(first.count == suite.dataKeyLength)
        #expect(first != second)
    }

    @Test(
        "the default CMM makes a signing key for signed suites only",
        .spec(
            "default-cmm/get-encryption-materials.6",
            "default-cmm/get-encryption-materials.7",
            "cmm-interface/get-encryption-materials.6",
            "algorithm-suites/asymmetric-signature-algorithm.4"
        ),
        arguments: AlgorithmSuite.all
    )
    func defaultCMM(_ suite: AlgorithmSuite) async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "n",
            keyName: "k",
            wrappingKey: SecretBytes([UInt8](repeating: 1, count: 16)),
            wrappingAlgorithm: .aes128GCM
        )
        let materials = try await DefaultCMM(keyring: keyring).encryptionMaterials(
            for: EncryptionMaterialsRequest(
                encryptionContext: ["a": "b"],
                commitmentPolicy: suite.isCommitting ? .requireEncryptAllowDecrypt : .forbidEncryptAllowDecrypt,
                algorithmSuite: suite
            )
        )
        #expect(materials.signingKey?.curve == suite.signature?.curve)
        #expect(materials.encryptionContext.count == (suite.signature == nil ? 1 : 2))
        #expect(materials.encryptionContext["a"] == "b")
    }

    @Test("P18: a required key may be named by the request and by the required-encryption-context CMM, also twice")
    func requiredKeysAdd() async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "n",
            keyName: "k",
            wrappingKey: SecretBytes([UInt8](repeating: 1, count: 16)),
            wrappingAlgorithm: .aes128GCM
        )
        let inner = try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: ["a", "b"], underlying: keyring)
        let outer = try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: ["b", "c"], underlying: inner)
        let materials = try await outer.encryptionMaterials(
            for: EncryptionMaterialsRequest(
                encryptionContext: ["a": "1", "b": "2", "c": "3", "d": "4", "e": "5"],
                commitmentPolicy: .requireEncryptAllowDecrypt,
                algorithmSuite: Self.unsigned,
                requiredEncryptionContextKeys: ["d"]
            )
        )
        #expect(materials.requiredEncryptionContext == ["a": "1", "b": "2", "c": "3", "d": "4"])
        #expect(materials.storedEncryptionContext == ["e": "5"])
    }
}
