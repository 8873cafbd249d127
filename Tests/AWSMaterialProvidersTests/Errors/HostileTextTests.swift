import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

/// Whatever a message, a service or a caller puts into a name, an error that shows it does not drive the terminal.
@Suite("Hostile text in errors")
struct HostileTextTests {
    private static let hostile = HostileText.text
    private static let bytes = Array(hostile.utf8)

    /// A keyring that is named by an attacker, and throws an error of another library.
    private struct HostileKeyring: Keyring {
        struct Failure: Error, CustomStringConvertible { var description: String { HostileText.text } }

        var description: String { HostileText.text }

        func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
            try materials.generatingDataKeyIfNeeded()
        }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials {
            throw Failure()
        }
    }

    @Test("Errors escape every text that they are made of")
    func errors() {
        let code = AWSServiceError.Code(Self.hostile)
        let service = AWSServiceError(
            code,
            Self.hostile,
            service: "KMS",
            operation: "Decrypt",
            requestID: Self.hostile,
            cancellationReasons: [Self.hostile]
        )
        let plain = EncryptionSDKError(.invalidMaterials, Self.hostile, at: .init(field: Self.hostile))
        let refusal = DataKeyRefusal(
            encryptedDataKey: 0,
            wrappingKey: Self.hostile,
            keyring: Self.hostile,
            error: plain
        )
        let values: [any Sendable] = [
            service, service.message, service.requestID ?? "", service.cancellationReasons, code, plain, plain.reason,
            EncryptionSDKError(keyringFailure: HostileKeyring.Failure()), refusal, refusal.keyring,
            refusal.wrappingKey ?? "", SystemError(5, "open", SystemPath(Self.hostile), Self.hostile),
            CryptoError(.invalidKey, Self.hostile),
        ]
        for (index, value) in values.enumerated() { HostileText.expectHarmless(value, "value \(index)") }
        HostileText.expectHarmless(
            EncryptionSDKError(nothingOpened: Self.hostile, refusals: [refusal]),
            linesAllowed: true
        )
    }

    @Test("A reason without control characters stays as it is")
    func plainReasons() {
        for text in ["a \\ backslash \"and\" quotation marks", "déjà vu, 日本", "\\u{1B}"] {
            #expect(EncryptionSDKError(.invalidMaterials, text).reason == text)
        }
    }

    private static func error(_ body: () async throws -> Void) async -> EncryptionSDKError? {
        do { try await body() } catch { return error as? EncryptionSDKError }
        return nil
    }

    @Test("No keyring shows names of keys and encrypted data keys as they are")
    func keyrings() async throws {
        let rsa = try RSAFixture.privateKey()
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west])
        kms.change { $0.answeredKeyID = Self.hostile }
        let fixture = KeyStoreFixture()
        let store = try fixture.store()
        let aes = try RawAESKeyring(
            keyNamespace: Self.hostile,
            keyName: Self.hostile,
            wrappingKey: SecretBytes([UInt8](repeating: 1, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
        let keyrings: [any Keyring] = [
            aes,
            try RawRSAKeyring(
                keyNamespace: Self.hostile,
                keyName: Self.hostile,
                paddingScheme: .oaep(.sha256),
                privateKey: rsa
            ),
            try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms), AWSKMSDiscoveryKeyring(kmsClient: kms),
            try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2"),
            try HierarchicalKeyring(keyStore: store, branchKeyID: Self.hostile, timeToLive: .seconds(60)),
            try MultiKeyring(generator: HostileKeyring(), childKeyrings: [aes]), HostileKeyring(),
        ]
        let providers = ["aws-kms", "aws-kms-hierarchy", Self.hostile].map { Array($0.utf8) }
        let keys = providers.map {
            EncryptedDataKey(keyProviderID: $0, keyProviderInfo: Self.bytes + [0, 0, 0, 128], ciphertext: Self.bytes)
        }
        for keyring in keyrings {
            let failure = await Self.error {
                do {
                    _ = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: keys)
                } catch let error as EncryptionSDKError {
                    throw error
                } catch {
                    throw EncryptionSDKError(keyringFailure: error)
                }
            }
            let error = try #require(failure, "\(keyring)")
            HostileText.expectHarmless(
                error,
                "\(type(of: keyring))",
                linesAllowed: true,
                isShown: error.code == .noDataKey
            )
            for refusal in error.refusals {
                HostileText.expectHarmless(refusal, "\(type(of: keyring))", isShown: false)
            }
        }
    }

    @Test("What is configured wrongly is shown with escapes")
    func configuration() async throws {
        let fixture = KeyStoreFixture()
        let kms = StandInKMS(keys: [Keys.west])
        kms.change { $0.answeredKeyID = Self.hostile }
        let stub = StubKeyring(dataKey: [UInt8](repeating: 1, count: 32))
        let bodies: [(String, () async throws -> Void)] = [
            (
                "namespace",
                {
                    _ = try RawAESKeyring(
                        keyNamespace: "aws-kms" + Self.hostile,
                        keyName: "a",
                        wrappingKey: SecretBytes([UInt8](repeating: 1, count: 32)),
                        wrappingAlgorithm: .aes256GCM
                    )
                }
            ),
            ("key id", { _ = try AWSKMSKeyring(kmsKeyID: Self.hostile, kmsClient: kms) }),
            (
                "region",
                {
                    _ = try KeyStore(
                        tableName: "table",
                        logicalKeyStoreName: "logical",
                        kmsConfiguration: .mrDiscovery(region: Self.hostile),
                        dynamoDBClient: fixture.dynamoDB,
                        kmsClient: StandInKMS(region: "us-west-2")
                    )
                }
            ),
            ("key ARN", { _ = try fixture.store(.kmsKeyARN(Self.hostile)) }),
            ("branch key", { _ = try await fixture.store().activeBranchKey(id: Self.hostile) }),
            ("branch key version", { _ = try await fixture.store().branchKey(id: "a", version: Self.hostile) }),
            (
                "answered key",
                {
                    _ = try await AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms).onEncrypt(encryptionMaterials())
                }
            ),
            (
                "required key",
                {
                    let manager = try RequiredEncryptionContextCMM(
                        requiredEncryptionContextKeys: [Self.hostile],
                        underlying: stub
                    )
                    _ = try await manager.encryptionMaterials(
                        for: EncryptionMaterialsRequest(
                            encryptionContext: [:],
                            commitmentPolicy: .requireEncryptRequireDecrypt
                        )
                    )
                }
            ),
            (
                "reproduced context",
                {
                    _ = try await stub.decryptMaterials(
                        for: DecryptMaterialsRequest(
                            algorithmSuite: unsigned,
                            commitmentPolicy: .requireEncryptRequireDecrypt,
                            encryptedDataKeys: [],
                            encryptionContext: [Self.hostile: "a"],
                            reproducedEncryptionContext: [Self.hostile: "b"]
                        )
                    )
                }
            ),
            (
                "duplicate",
                { _ = try EncryptionContext(uniqueKeysWithValues: [(Self.hostile, "a"), (Self.hostile, "b")]) }
            ),
        ]
        for (name, body) in bodies {
            let error = await Self.error(body)
            // An answer is not shown, which may be anything.
            HostileText.expectHarmless(error, "\(name)", linesAllowed: true, isShown: name != "answered key")
        }
    }
}
