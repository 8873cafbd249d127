import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// One client, one keyring and one materials manager in the hands of hundreds of tasks; what races here, the thread sanitizer finds.
@Suite("Shared use", .timeLimit(.minutes(5)))
struct SharedUseTests {
    private static let taskCount = 300

    private static func keyring() throws -> MultiKeyring {
        let key = try ECPrivateKey.generate(.p256)
        return try MultiKeyring(
            generator: RawAESKeyring(
                keyNamespace: "shared",
                keyName: "aes",
                wrappingKey: SecretBytes([UInt8](1...32)),
                wrappingAlgorithm: .aes256GCM
            ),
            childKeyrings: [
                RawECDHKeyring(
                    keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                        senderStaticPrivateKey: key,
                        recipientPublicKey: key.publicKey
                    ),
                    curve: .p256
                )
            ]
        )
    }

    private static func exchange(
        _ number: Int,
        _ sdk: EncryptionSDK,
        _ materialsManager: any CryptographicMaterialsManager
    ) async throws -> Bool {
        let plaintext = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 + number)
        let suite: AlgorithmSuite =
            number % 20 == 0 ? .aes256GCMHKDFSHA512CommitKeyECDSAP384 : .aes256GCMHKDFSHA512CommitKey
        let message = try await sdk.encrypt(
            plaintext,
            using: materialsManager,
            encryptionContext: ["group": "\(number % 3)"],
            algorithmSuite: suite,
            frameLength: 64
        ).ciphertext
        guard number % 2 == 0 else {
            return try await sdk.decrypt(message, using: materialsManager).plaintext == plaintext
        }
        let decryptor = sdk.decryptor(using: materialsManager)
        var opened = try await decryptor.update(message)
        try await decryptor.finish(appendingTo: &opened)
        return opened == plaintext
    }

    private static func exchangeAll(through materialsManager: any CryptographicMaterialsManager) async throws {
        let sdk = try EncryptionSDK()
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<taskCount {
                group.addTask { try await exchange(number, sdk, materialsManager) }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(right == taskCount)
    }

    @Test("hundreds of tasks encrypt and decrypt with one client and one keyring")
    func keyrings() async throws {
        try await Self.exchangeAll(through: Self.keyring())
    }

    @Test("hundreds of tasks encrypt and decrypt through one cache", arguments: [false, true])
    func caches(tracksStorms: Bool) async throws {
        let cache: any CryptographicMaterialsCache =
            tracksStorms
            ? StormTrackingCryptographicMaterialsCache(try StormTrackingSettings())
            : try LocalCryptographicMaterialsCache(entryCapacity: 5)
        try await Self.exchangeAll(
            through: CachingCMM(underlying: Self.keyring(), cache: cache, timeToLive: .seconds(60))
        )
    }
}
