import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// Answers with what the test says, whatever it was given.
private struct AnsweringKeyring: Keyring {
    var description: String { "answering keyring" }
    var encryption: @Sendable (EncryptionMaterials) throws -> EncryptionMaterials = { $0 }
    var decryption: @Sendable (DecryptionMaterials) throws -> DecryptionMaterials = { $0 }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials { try encryption(materials) }
    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials { try decryption(materials) }
}

/// Hands on what it is given.
private struct AnsweringManager: CryptographicMaterialsManager {
    var encryption: EncryptionMaterials?
    var decryption: DecryptionMaterials?

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        try #require(encryption)
    }
    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        try #require(decryption)
    }
}

/// What a materials manager checks before it hands materials on or keeps them.
@Suite struct KeyringContractTests {
    private static let other = AlgorithmSuite.aes256GCMHKDFSHA256
    private static let encryptedDataKey = EncryptedDataKey(keyProviderID: [1], keyProviderInfo: [2], ciphertext: [3])

    private static func request(_ suite: AlgorithmSuite? = nil) -> EncryptionMaterialsRequest {
        EncryptionMaterialsRequest(
            encryptionContext: context,
            commitmentPolicy: .requireEncryptAllowDecrypt,
            algorithmSuite: suite,
            maximumPlaintextLength: 10
        )
    }

    private static let decryptRequest = DecryptMaterialsRequest(
        algorithmSuite: unsigned,
        commitmentPolicy: .requireEncryptAllowDecrypt,
        encryptedDataKeys: [encryptedDataKey],
        encryptionContext: context
    )

    private static func key(_ suite: AlgorithmSuite = unsigned) -> SecretBytes {
        SecretBytes([UInt8](repeating: 7, count: suite.dataKeyLength))
    }

    /// Complete materials.
    private static func encryption(
        _ suite: AlgorithmSuite = unsigned,
        _ context: EncryptionContext = context
    ) throws -> EncryptionMaterials {
        try EncryptionMaterials(algorithmSuite: suite, encryptionContext: context).settingDataKey(key(suite))
            .adding(encryptedDataKey)
    }

    private static func decryption(
        _ suite: AlgorithmSuite = unsigned,
        _ context: EncryptionContext = context,
        verificationKey: ECPublicKey? = nil
    ) throws -> DecryptionMaterials {
        try decryptionMaterials(context, suite: suite, verificationKey: verificationKey)
            .settingDataKey(key(suite), fromEncryptedDataKey: 0, by: "test")
    }

    @Test(
        "a default CMM refuses what a keyring that breaks its contract makes of the encryption materials",
        .spec(
            "default-cmm/get-encryption-materials.5",
            "default-cmm/get-encryption-materials.8",
            "default-cmm/get-encryption-materials.9",
            "default-cmm/get-encryption-materials.10",
            "cmm-interface/get-encryption-materials.4",
            "cmm-interface/get-encryption-materials.10"
        )
    )
    func defaultCMMOnEncrypt() async throws {
        let answers: [@Sendable (EncryptionMaterials) throws -> EncryptionMaterials] = [
            { $0 },
            { $0.adding(Self.encryptedDataKey) },
            { try $0.settingDataKey(Self.key()) },
            { _ in try Self.encryption(.aes256GCMHKDFSHA512CommitKey, ["purpose": "another"]) },
            { _ in try Self.encryption(.aes256GCMHKDFSHA512CommitKey, [:]) },
            { _ in
                try EncryptionMaterials(
                    algorithmSuite: unsigned,
                    encryptionContext: context,
                    requiredEncryptionContextKeys: ["purpose"]
                ).settingDataKey(Self.key()).adding(Self.encryptedDataKey)
            },
        ]
        for (number, answer) in answers.enumerated() {
            let manager = DefaultCMM(keyring: AnsweringKeyring(encryption: answer))
            let error = await expectError(.invalidMaterials) {
                _ = try await manager.encryptionMaterials(for: Self.request(unsigned))
            }
            #expect(error != nil, "answer \(number)")
        }
        // A signed suite of the same curve, which the caller has not ruled out.
        let weakening = AnsweringKeyring(encryption: { given in
            let suite = AlgorithmSuite.aes192GCMHKDFSHA384ECDSAP384
            return try EncryptionMaterials(
                algorithmSuite: suite,
                encryptionContext: given.encryptionContext,
                signingKey: given.signingKey
            ).settingDataKey(Self.key(suite)).adding(Self.encryptedDataKey)
        })
        await expectError(.invalidMaterials) {
            _ = try await DefaultCMM(keyring: weakening).encryptionMaterials(
                for: EncryptionMaterialsRequest(
                    encryptionContext: context,
                    commitmentPolicy: .forbidEncryptAllowDecrypt
                )
            )
        }
        // The policy would allow both suites; the default one is signed.
        let exchanging = AnsweringKeyring(encryption: { _ in try Self.encryption() })
        await expectError(.invalidMaterials) {
            _ = try await DefaultCMM(keyring: exchanging).encryptionMaterials(for: Self.request())
        }
        _ = try await DefaultCMM(keyring: exchanging).encryptionMaterials(for: Self.request(unsigned))
    }

    @Test("a default CMM asks no keyring for what the commitment policy forbids")
    func defaultCMMPolicy() async throws {
        let unasked = AnsweringKeyring(
            encryption: { given in
                Issue.record("the keyring was asked to encrypt")
                return given
            },
            decryption: { given in
                Issue.record("the keyring was asked to decrypt")
                return given
            }
        )
        await expectError(.commitmentPolicyViolation) {
            _ = try await DefaultCMM(keyring: unasked).encryptionMaterials(for: Self.request(Self.other))
        }
        await expectError(.commitmentPolicyViolation) {
            _ = try await DefaultCMM(keyring: unasked).decryptMaterials(
                for: DecryptMaterialsRequest(
                    algorithmSuite: Self.other,
                    commitmentPolicy: .requireEncryptRequireDecrypt,
                    encryptedDataKeys: [Self.encryptedDataKey],
                    encryptionContext: context
                )
            )
        }
    }

    @Test("materials take no data key of another length than their suite's", arguments: [0, 16, 31, 33])
    func dataKeyLengths(length: Int) async throws {
        let key = SecretBytes([UInt8](repeating: 7, count: length))
        await expectError(.dataKeyLengthMismatch) {
            _ = try decryptionMaterials().settingDataKey(key, fromEncryptedDataKey: 0, by: "test")
        }
        await expectError(.dataKeyLengthMismatch) { _ = try encryptionMaterials().settingDataKey(key) }
    }

    @Test(
        "a default CMM refuses what a keyring that breaks its contract makes of the decryption materials",
        .spec(
            "default-cmm/decrypt-materials.5",
            "default-cmm/decrypt-materials.6",
            "cmm-interface/decrypt-materials.15",
            "cmm-interface/decrypt-materials.18"
        )
    )
    func defaultCMMOnDecrypt() async throws {
        let answers: [@Sendable (DecryptionMaterials) throws -> DecryptionMaterials] = [
            { $0 },
            { _ in try Self.decryption(Self.other) },
            { _ in try Self.decryption(unsigned, ["purpose": "another"]) },
            { _ in
                try DecryptionMaterials(
                    algorithmSuite: unsigned,
                    encryptionContext: context,
                    requiredEncryptionContextKeys: ["purpose"]
                ).settingDataKey(Self.key(), fromEncryptedDataKey: 0, by: "test")
            },
        ]
        for (number, answer) in answers.enumerated() {
            let manager = DefaultCMM(keyring: AnsweringKeyring(decryption: answer))
            let error = await expectError(.invalidMaterials) {
                _ = try await manager.decryptMaterials(for: Self.decryptRequest)
            }
            #expect(error != nil, "answer \(number)")
        }
        _ = try await DefaultCMM(keyring: AnsweringKeyring(decryption: { _ in try Self.decryption() }))
            .decryptMaterials(for: Self.decryptRequest)
    }

    @Test(
        "a default CMM refuses a verification key that the keyring exchanged",
        .spec("default-cmm/decrypt-materials.1", "structures/verification-key.1")
    )
    func exchangedVerificationKey() async throws {
        let own = try ECPrivateKey.generate(.p384).publicKey
        let other = try ECPrivateKey.generate(.p384).publicKey
        let value = String(decoding: EncryptionContext.publicKeyValue(of: own), as: UTF8.self)
        let signedContext: EncryptionContext = [EncryptionContext.publicKeyName: value]
        let request = DecryptMaterialsRequest(
            algorithmSuite: signed,
            commitmentPolicy: .requireEncryptRequireDecrypt,
            encryptedDataKeys: [Self.encryptedDataKey],
            encryptionContext: signedContext
        )
        for (key, isRight) in [(own, true), (other, false)] {
            let keyring = AnsweringKeyring(decryption: { _ in
                try Self.decryption(signed, signedContext, verificationKey: key)
            })
            let manager = DefaultCMM(keyring: keyring)
            if isRight {
                _ = try await manager.decryptMaterials(for: request)
            } else {
                await expectError(.invalidMaterials) { _ = try await manager.decryptMaterials(for: request) }
            }
        }
    }

    @Test("a caching CMM refuses materials of a manager that breaks its contract, and keeps none of them")
    func cachingCMM() async throws {
        let cache = try LocalCryptographicMaterialsCache(entryCapacity: 10)
        func manager(_ underlying: AnsweringManager) throws -> CachingCMM {
            try CachingCMM(underlying: underlying, cache: cache, timeToLive: .seconds(60))
        }
        let blank = try EncryptionMaterials(algorithmSuite: unsigned, encryptionContext: context)
        let bad = [blank, try blank.settingDataKey(Self.key()), blank.adding(Self.encryptedDataKey)]
        for materials in bad {
            await expectError(.invalidMaterials) {
                _ = try await manager(AnsweringManager(encryption: materials))
                    .encryptionMaterials(for: Self.request(unsigned))
            }
        }
        await expectError(.invalidMaterials) {
            _ = try await manager(AnsweringManager(encryption: Self.encryption()))
                .encryptionMaterials(for: Self.request(signed))
        }
        for materials in [try decryptionMaterials(), try Self.decryption(Self.other)] {
            await expectError(.invalidMaterials) {
                _ = try await manager(AnsweringManager(decryption: materials)).decryptMaterials(
                    for: Self.decryptRequest
                )
            }
        }
        #expect(cache.count == 0)
        let right = try manager(AnsweringManager(encryption: Self.encryption(), decryption: Self.decryption()))
        _ = try await right.encryptionMaterials(for: Self.request(unsigned))
        _ = try await right.decryptMaterials(for: Self.decryptRequest)
        #expect(cache.count == 2)
    }
}
