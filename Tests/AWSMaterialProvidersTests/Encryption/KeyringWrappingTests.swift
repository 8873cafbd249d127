import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// What keyrings write, against the layouts that the tests build from the specification by themselves.
@Suite("Keyrings wrap data keys as specified")
struct KeyringWrappingTests {
    @Test(
        "raw AES",
        .spec(
            "raw-aes-keyring/onencrypt",
            "raw-aes-keyring/iv-length",
            "raw-aes-keyring/wrapping-algorithm",
            "keyring-interface/encrypt-data-key.4",
            "structures/encrypted-data-keys"
        ),
        arguments: [RawAESKeyring.WrappingAlgorithm.aes128GCM, .aes192GCM, .aes256GCM],
        [Sample.context, [:]]
    )
    func rawAES(_ algorithm: RawAESKeyring.WrappingAlgorithm, _ context: EncryptionContext) async throws {
        var expected = AESWrapping()
        expected.algorithm = try #require(AESGCM.KeyLength(rawValue: algorithm.keyLength))
        expected.key = Array(expected.key.prefix(algorithm.keyLength))
        expected.context = context
        let keyring = try RawAESKeyring(
            keyNamespace: "namespace",
            keyName: "name",
            wrappingKey: SecretBytes(expected.key),
            wrappingAlgorithm: algorithm
        )
        // A new data key comes first, then the IV.
        let materials = try Sample.encryptionMaterials(context: context, random: Sample.dataKey + expected.iv)
        let result = try await keyring.onEncrypt(materials)
        #expect(result.plaintextDataKey == SecretBytes(Sample.dataKey))
        #expect(result.encryptedDataKeys == [try expected.wrapped()])
    }

    @Test(
        "raw ECDH between static keys",
        .spec(
            "raw-ecdh-keyring/onencrypt",
            "raw-ecdh-keyring/data-key-wrapping",
            "raw-ecdh-keyring/key-provider-information",
            "key-agreement-schemas/rawprivatekeytostaticpublickey.7",
            "key-agreement-schemas/key-derivation",
            "raw-ecdh-keyring/initialization.4"
        ),
        arguments: EllipticCurve.allCases
    )
    func staticECDH(_ curve: EllipticCurve) async throws {
        let sender = try ECPrivateKey.generate(curve)
        let recipient = try ECPrivateKey.generate(curve).publicKey
        let expected = ECDHWrapping(curve: curve, sender: sender, recipient: recipient)
        let keyring = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: sender,
                recipientPublicKey: recipient
            ),
            curve: curve
        )
        let materials = try Sample.encryptionMaterials(random: Sample.dataKey + expected.salt)
        let result = try await keyring.onEncrypt(materials)
        #expect(result.encryptedDataKeys == [try expected.wrapped()])
    }

    @Test(
        "raw ECDH from ephemeral keys uses a new one each time",
        .spec("key-agreement-schemas/ephemeralprivatekeytostaticpublickey.7"),
        arguments: EllipticCurve.allCases
    )
    func ephemeralECDH(_ curve: EllipticCurve) async throws {
        let recipient = try ECPrivateKey.generate(curve)
        let keyring = try RawECDHKeyring(
            keyAgreementScheme: .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: recipient.publicKey),
            curve: curve
        )
        let first = try await keyring.onEncrypt(Sample.encryptionMaterials()).encryptedDataKeys[0]
        let second = try await keyring.onEncrypt(Sample.encryptionMaterials()).encryptedDataKeys[0]
        #expect(first.keyProviderInfo != second.keyProviderInfo)
        let ownKey = 1 + 4..<1 + 4 + curve.compressedPointLength
        #expect(Array(first.keyProviderInfo[ownKey]) == recipient.publicKey.compressedPoint)
    }

    @Test(
        "hierarchical, under the active version",
        .spec(
            "aws-kms-hierarchical-keyring/onencrypt.2",
            "aws-kms-hierarchical-keyring/onencrypt.11",
            "aws-kms-hierarchical-keyring/onencrypt.13",
            "aws-kms-hierarchical-keyring/onencrypt.14",
            "aws-kms-hierarchical-keyring/onencrypt.15",
            "aws-kms-hierarchical-keyring/onencrypt.16",
            "aws-kms-hierarchical-keyring/branch-key-wrapping",
            "aws-kms-hierarchical-keyring/branch-key-wrapping-and-unwrapping-aad",
            "aws-kms-hierarchical-keyring/query-branch-keystore-onencrypt.1"
        )
    )
    func hierarchical() async throws {
        let expected = HierarchicalWrapping()
        let older = try BranchKeyMaterials(
            branchKeyID: expected.branchKeyID,
            version: "00000000-0000-4000-8000-000000000000",
            branchKey: SecretBytes([UInt8](repeating: 9, count: 32))
        )
        let active = try BranchKeyMaterials(
            branchKeyID: expected.branchKeyID,
            version: HierarchicalWrapping.version,
            branchKey: SecretBytes(expected.branchKey)
        )
        let keyring = try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([older, active]),
            branchKeyID: expected.branchKeyID,
            timeToLive: .seconds(60),
            cache: .no
        )
        let materials = try Sample.encryptionMaterials(random: Sample.dataKey + expected.salt + expected.iv)
        let result = try await keyring.onEncrypt(materials)
        #expect(result.encryptedDataKeys == [try expected.wrapped()])
    }

    @Test(
        "a branch key that the store does not have",
        .spec(
            "aws-kms-hierarchical-keyring/query-branch-keystore-onencrypt.3",
            "aws-kms-hierarchical-keyring/onencrypt.10"
        )
    )
    func missingBranchKey() async throws {
        let keyring = try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([]),
            branchKeyID: "none",
            timeToLive: .seconds(60),
            cache: .no
        )
        try await expectEncryptionRefusal(by: keyring, .branchKeyNotFound)
    }

    @Test(
        "a data key that is there is wrapped, not replaced",
        .spec(
            "keyring-interface/generate-data-key.2",
            "keyring-interface/encrypt-data-key.1",
            "keyring-interface/encrypt-data-key.2",
            "raw-aes-keyring/onencrypt.2",
            "raw-rsa-keyring/onencrypt.4",
            "raw-ecdh-keyring/data-key-wrapping.1",
            "aws-kms-hierarchical-keyring/onencrypt.2"
        )
    )
    func existingDataKey() async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "n",
            keyName: "k",
            wrappingKey: SecretBytes([UInt8](repeating: 1, count: 16)),
            wrappingAlgorithm: .aes128GCM
        )
        let key = SecretBytes(Sample.dataKey)
        let result = try await keyring.onEncrypt(Sample.encryptionMaterials().settingDataKey(key))
        #expect(result.plaintextDataKey == key)
        let opened = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: result.encryptedDataKeys)
        #expect(opened.plaintextDataKey == key)
    }

    @Test("a random source that fails stops the keyring", .spec("keyring-interface/onencrypt.4"))
    func noRandomness() async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "n",
            keyName: "k",
            wrappingKey: SecretBytes([UInt8](repeating: 1, count: 16)),
            wrappingAlgorithm: .aes128GCM
        )
        for length in [0, 31, 32, 43] {
            let random = [UInt8](repeating: 1, count: length)
            try await expectEncryptionRefusal(
                by: keyring,
                .cryptographicLibrary,
                materials: Sample.encryptionMaterials(random: random)
            )
        }
    }
}
