import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// What stops a keyring, and what it does when nothing is said: statements of the specification that no other test is about.
@Suite("Keyrings: failures and defaults")
struct KeyringFailureTests {
    @Test(
        "a random source that fails stops the ECDH and the hierarchical keyring, whichever bytes are missing",
        .spec(
            "key-agreement-schemas/key-derivation.3",
            "aws-kms-hierarchical-keyring/onencrypt.12",
            "aws-kms-hierarchical-keyring/branch-key-wrapping.7"
        )
    )
    func noRandomness() async throws {
        let sender = try ECPrivateKey.generate(.p256)
        let ecdh = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: sender,
                recipientPublicKey: ECPrivateKey.generate(.p256).publicKey
            ),
            curve: .p256
        )
        let branchKey = try BranchKeyMaterials(
            branchKeyID: "b",
            version: HierarchicalWrapping.version,
            branchKey: SecretBytes([UInt8](repeating: 1, count: 32))
        )
        let hierarchical = try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([branchKey]),
            branchKeyID: "b",
            timeToLive: .seconds(60),
            cache: .no
        )
        // The data key has 32 bytes; the salt of ECDH 32; salt and IV of the branch key 16 and 12.
        for (keyring, lengths) in [
            (ecdh, [0, 31, 32, 63]), (hierarchical, [0, 31, 32, 47, 48, 59]),
        ] as [(any Keyring, [Int])] {
            for length in lengths {
                try await expectEncryptionRefusal(
                    by: keyring,
                    .cryptographicLibrary,
                    materials: Sample.encryptionMaterials(random: [UInt8](repeating: 1, count: length))
                )
            }
        }
    }

    @Test(
        "the cache of a hierarchical keyring has room for 1,000 entries unless it is told otherwise",
        .spec("aws-kms-hierarchical-keyring/initialization.8", "aws-kms-hierarchical-keyring/initialization.10")
    )
    func defaultCache() throws {
        guard case .default(let capacity) = CacheType.default() else {
            Issue.record("another cache")
            return
        }
        #expect(capacity == 1000)
    }

    @Test(
        "grant tokens go with every call of the KMS and the KMS ECDH keyring",
        .spec("aws-kms-keyring/onencrypt.24", "aws-kms-ecdh-keyring/onencrypt.9", "aws-kms-ecdh-keyring/ondecrypt.19")
    )
    func grantTokens() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west])
        let first = try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms, grantTokens: ["token"])
        // There is a data key already: the second time KMS encrypts it.
        _ = try await first.onEncrypt(try await first.onEncrypt(encryptionMaterials()))
        #expect(kms.calls.map(\.operation) == ["GenerateDataKey", "Encrypt"])
        #expect(kms.calls.allSatisfy { $0.grantTokens == ["token"] })

        let agreeing = StandInKMS(region: "us-west-2")
        let (sender, recipient) = (try ECPrivateKey.generate(.p256), try ECPrivateKey.generate(.p256))
        agreeing.change { $0.ec = [Keys.west: sender, Keys.other: recipient] }
        let keyring = try await AWSKMSECDHKeyring(
            keyAgreementScheme: .kmsPrivateKeyToStaticPublicKey(
                senderKMSIdentifier: Keys.west,
                senderPublicKey: sender.publicKey,
                recipientPublicKey: recipient.publicKey
            ),
            curve: .p256,
            kmsClient: agreeing,
            grantTokens: ["token"]
        )
        let encrypted = try await keyring.onEncrypt(encryptionMaterials())
        _ = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: encrypted.encryptedDataKeys)
        #expect(agreeing.calls.map(\.operation) == ["DeriveSharedSecret", "DeriveSharedSecret"])
        #expect(agreeing.calls.allSatisfy { $0.grantTokens == ["token"] })
    }

    @Test(
        "K14: a context that cannot be serialized is refused before KMS is asked to agree on a key",
        .spec("aws-kms-ecdh-keyring/onencrypt.4", "aws-kms-ecdh-keyring/ondecrypt.4")
    )
    func contextTooLongForKMSECDH() async throws {
        let kms = StandInKMS(region: "us-west-2")
        let (sender, recipient) = (try ECPrivateKey.generate(.p256), try ECPrivateKey.generate(.p256))
        kms.change { $0.ec = [Keys.west: sender, Keys.other: recipient] }
        let keyring = try await AWSKMSECDHKeyring(
            keyAgreementScheme: .kmsPrivateKeyToStaticPublicKey(
                senderKMSIdentifier: Keys.west,
                senderPublicKey: sender.publicKey,
                recipientPublicKey: recipient.publicKey
            ),
            curve: .p256,
            kmsClient: kms
        )
        let context: EncryptionContext = ["k": String(repeating: "v", count: 65_535)]
        try await expectEncryptionRefusal(
            by: keyring,
            .encryptionContextTooLong,
            materials: Sample.encryptionMaterials(context: context)
        )
        let good = try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys
        await #expect(throws: EncryptionSDKError.self) {
            try await keyring.onDecrypt(decryptionMaterials(context), encryptedDataKeys: good)
        }
        #expect(kms.count(of: "DeriveSharedSecret") == 1)
    }

    @Test(
        "M06: a refusal of KMS ends encryption by the multi-Region keyring, whether it generates or encrypts",
        .spec("aws-kms-mrk-keyring/onencrypt.5", "aws-kms-mrk-keyring/onencrypt.13")
    )
    func mrkKeyring() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.mrkWest])
        let keyring = try AWSKMSMRKKeyring(kmsKeyID: Keys.mrkWest, kmsClient: kms)
        let encrypted = try await keyring.onEncrypt(encryptionMaterials())
        kms.change { $0.failures = ["GenerateDataKey": .accessDenied, "Encrypt": .accessDenied] }
        await expectError(.awsAccessDenied) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
        await expectError(.awsAccessDenied) { _ = try await keyring.onEncrypt(encrypted) }
    }

    @Test("a key store that is given no id has a random UUID for one", .spec("branch-key-store/keystore-id.1"))
    func keyStoreID() throws {
        func id() throws -> String {
            try KeyStore(
                tableName: "table",
                logicalKeyStoreName: "store",
                kmsConfiguration: .kmsKeyARN(Keys.west),
                dynamoDBClient: StandInDynamoDB(),
                kmsClient: StandInKMS(region: "us-west-2", keys: [Keys.west])
            ).id
        }
        let ids = [try id(), try id()]
        #expect(ids[0] != ids[1])
        for id in ids {
            #expect(id.utf8.count == 36)
            #expect(Array(id.utf8)[14] == UInt8(ascii: "4"))
        }
    }

    @Test(
        "a keyring takes the place of the default CMM over it in a required-encryption-context CMM",
        .spec("required-encryption-context-cmm/initialization.3")
    )
    func requiredContextOverKeyring() async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "n",
            keyName: "k",
            wrappingKey: SecretBytes([UInt8](repeating: 1, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
        let request = EncryptionMaterialsRequest(
            encryptionContext: ["tenant": "42"],
            commitmentPolicy: .requireEncryptRequireDecrypt
        )
        for manager in [
            try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: ["tenant"], underlying: keyring),
            try RequiredEncryptionContextCMM(
                requiredEncryptionContextKeys: ["tenant"],
                underlying: DefaultCMM(keyring: keyring)
            ),
        ] {
            let materials = try await manager.encryptionMaterials(for: request)
            // What the default CMM adds to what a keyring does.
            #expect(materials.algorithmSuite == .aes256GCMHKDFSHA512CommitKeyECDSAP384)
            #expect(materials.encryptionContext[EncryptionContext.publicKeyName] != nil)
        }
    }
}
