import AWSMaterialProviders
import ESDKCrypto
import Testing

/// Hands on the materials of the test, as a manager does that compares texts by `String`'s canonical equivalence.
private struct ConfusingManager: CryptographicMaterialsManager {
    let encryption: EncryptionMaterials
    let decryption: DecryptionMaterials

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials { encryption }
    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials { decryption }
}

/// Encryption contexts are bytes: é in one character and in two are different keys, though `String` calls them equal.
@Suite struct UnicodeContextTests {
    private static let composed = "caf\u{E9}"
    private static let decomposed = "cafe\u{301}"
    private static let key = SecretBytes([UInt8](repeating: 7, count: 32))

    private static func encryption(_ required: String) throws -> EncryptionMaterials {
        try EncryptionMaterials(
            algorithmSuite: unsigned,
            encryptionContext: EncryptionContext([required: "x"]),
            requiredEncryptionContextKeys: [required]
        ).settingDataKey(key).adding(Sample.foreign)
    }

    private static func decryption(_ required: String) throws -> DecryptionMaterials {
        try DecryptionMaterials(
            algorithmSuite: unsigned,
            encryptionContext: EncryptionContext([required: "x"]),
            requiredEncryptionContextKeys: [required]
        ).settingDataKey(key, fromEncryptedDataKey: 0, by: "test")
    }

    private static func encryptRequest(_ key: String, required: [String] = []) -> EncryptionMaterialsRequest {
        EncryptionMaterialsRequest(
            encryptionContext: EncryptionContext([key: "x"]),
            commitmentPolicy: .requireEncryptRequireDecrypt,
            algorithmSuite: unsigned,
            requiredEncryptionContextKeys: required
        )
    }

    private static func decryptRequest(
        _ stored: EncryptionContext,
        _ reproduced: EncryptionContext
    ) -> DecryptMaterialsRequest {
        DecryptMaterialsRequest(
            algorithmSuite: unsigned,
            commitmentPolicy: .requireEncryptRequireDecrypt,
            encryptedDataKeys: [Sample.foreign],
            encryptionContext: stored,
            reproducedEncryptionContext: reproduced
        )
    }

    @Test("materials do not take a required key for one of other bytes")
    func materials() throws {
        #expect(throws: EncryptionSDKError(.invalidMaterials, "")) {
            try EncryptionMaterials(
                algorithmSuite: unsigned,
                encryptionContext: EncryptionContext([Self.composed: "x"]),
                requiredEncryptionContextKeys: [Self.decomposed]
            )
        }
        #expect(throws: EncryptionSDKError(.invalidMaterials, "")) {
            try DecryptionMaterials(
                algorithmSuite: unsigned,
                encryptionContext: EncryptionContext([Self.composed: "x"]),
                requiredEncryptionContextKeys: [Self.decomposed]
            )
        }
    }

    @Test("a custom manager that stores the required key and requires its twin is refused")
    func requiredKeysOfCustomManager() async throws {
        let materials = try Self.encryption(Self.decomposed)
        #expect(throws: EncryptionSDKError(.invalidMaterials, "")) {
            try materials.validate(for: Self.encryptRequest(Self.composed, required: [Self.composed]))
        }
        try materials.validate(for: Self.encryptRequest(Self.decomposed, required: [Self.decomposed]))
    }

    @Test("a required-encryption-context CMM asks for the key itself, of the caller and of the manager below")
    func requiredContextCMM() async throws {
        for (own, twin) in [(Self.composed, Self.decomposed), (Self.decomposed, Self.composed)] {
            func manager(below: String) throws -> RequiredEncryptionContextCMM {
                try RequiredEncryptionContextCMM(
                    requiredEncryptionContextKeys: [own],
                    underlying: ConfusingManager(
                        encryption: Self.encryption(below),
                        decryption: Self.decryption(below)
                    )
                )
            }
            let right = try manager(below: own)
            let confusing = try manager(below: twin)
            await expectError(.missingRequiredEncryptionContext) {
                _ = try await right.encryptionMaterials(for: Self.encryptRequest(twin))
            }
            await expectError(.missingRequiredEncryptionContext) {
                _ = try await right.decryptMaterials(for: Self.decryptRequest([:], EncryptionContext([twin: "x"])))
            }
            await expectError(.invalidMaterials) {
                _ = try await confusing.encryptionMaterials(for: Self.encryptRequest(own))
            }
            await expectError(.invalidMaterials) {
                _ = try await confusing.decryptMaterials(for: Self.decryptRequest([:], EncryptionContext([own: "x"])))
            }
            _ = try await right.encryptionMaterials(for: Self.encryptRequest(own))
            _ = try await right.decryptMaterials(for: Self.decryptRequest([:], EncryptionContext([own: "x"])))
        }
    }

    @Test("a default CMM compares the values of the message and of the caller by their bytes")
    func valuesOfDefaultCMM() async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "n",
            keyName: "k",
            wrappingKey: Self.key,
            wrappingAlgorithm: .aes256GCM
        )
        let manager = DefaultCMM(keyring: keyring)
        await expectError(.encryptionContextMismatch) {
            _ = try await manager.decryptMaterials(
                for: Self.decryptRequest(
                    EncryptionContext(["k": Self.composed]),
                    EncryptionContext(["k": Self.decomposed])
                )
            )
        }
    }

    @Test("a keyring that exchanges a pair for its twin is refused")
    func exchangedTwin() async throws {
        struct Exchanging: Keyring {
            let decryption: DecryptionMaterials
            var description: String { "exchanging keyring" }
            func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials { materials }
            func onDecrypt(
                _ materials: DecryptionMaterials,
                encryptedDataKeys: [EncryptedDataKey]
            ) async throws -> DecryptionMaterials { decryption }
        }
        let keyring = Exchanging(decryption: try Self.decryption(Self.decomposed))
        await expectError(.invalidMaterials) {
            _ = try await DefaultCMM(keyring: keyring).decryptMaterials(
                for: Self.decryptRequest([:], EncryptionContext([Self.composed: "x"]))
            )
        }
        _ = try await DefaultCMM(keyring: keyring).decryptMaterials(
            for: Self.decryptRequest([:], EncryptionContext([Self.decomposed: "x"]))
        )
    }
}
