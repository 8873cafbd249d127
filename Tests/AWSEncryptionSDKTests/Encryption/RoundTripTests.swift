import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite("What is written can be read")
struct RoundTripTests {
    static func client(for suite: AlgorithmSuite) throws -> EncryptionSDK {
        try EncryptionSDK(
            commitmentPolicy: suite.isCommitting ? .requireEncryptRequireDecrypt : .forbidEncryptAllowDecrypt
        )
    }

    static func plaintext(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) } }

    @Test(
        "every suite under every local keyring",
        .spec(
            "client/encrypt",
            "client/decrypt",
            "encrypt/overview",
            "decrypt/overview",
            "encrypt/output",
            "encrypt/encrypted-message",
            "encrypt/get-the-encryption-materials.2",
            "encrypt/get-the-encryption-materials.3",
            "encrypt/get-the-encryption-materials.5",
            "encrypt/get-the-encryption-materials.6",
            "encrypt/get-the-encryption-materials.8",
            "encrypt/get-the-encryption-materials.13",
            "decrypt/get-the-decryption-materials.2",
            "decrypt/get-the-decryption-materials.4",
            "decrypt/get-the-decryption-materials.5",
            "decrypt/get-the-decryption-materials.10",
            "decrypt/keyring",
            "decrypt/cryptographic-materials-manager",
            "algorithm-suites/gcm",
            "algorithm-suites/identity-kdf",
            "algorithm-suites/encryption-key-derivation-algorithm",
            "algorithm-suites/commit-key-derivation-algorithm",
            "algorithm-suites/encryption-algorithm",
            "algorithm-suites/asymmetric-signature-algorithm",
            "decrypt/behavior.3"
        ),
        arguments: AlgorithmSuite.all,
        EncryptionKeyrings.allCases
    )
    func everySuiteUnderEveryKeyring(_ suite: AlgorithmSuite, _ keyrings: EncryptionKeyrings) async throws {
        let client = try Self.client(for: suite)
        let (writing, reading) = try keyrings.makePair()
        let context: EncryptionContext = ["tenant": "42", "": "empty key", "\u{10000}": "beyond", "\u{E000}": "before"]
        let plaintext = Self.plaintext(1000)
        let encrypted = try await client.encrypt(
            plaintext,
            using: writing,
            encryptionContext: context,
            algorithmSuite: suite,
            frameLength: 256
        )
        let decrypted = try await client.decrypt(encrypted.ciphertext, using: reading, encryptionContext: context)
        #expect(decrypted.plaintext == plaintext)
        #expect(decrypted.message.encryptionContext == encrypted.encryptionContext)
        #expect(decrypted.message.header.messageID == encrypted.header.messageID)
        #expect(decrypted.message.header.encryptedDataKeys == encrypted.header.encryptedDataKeys)
        #expect(decrypted.message.header.commitment == encrypted.header.commitment)
        #expect(decrypted.message.diagnostics.isEmpty)
        #expect(encrypted.algorithmSuite == suite)
    }

    @Test(
        "every length around a frame's",
        .spec(
            "encrypt/construct-the-body",
            "encrypt/construct-a-frame.5",
            "encrypt/construct-a-frame.6",
            "encrypt/construct-a-frame.7",
            "encrypt/construct-a-frame.8",
            "message-body/final-frame"
        ),
        arguments: AlgorithmSuite.all
    )
    func everyLengthAroundAFrame(_ suite: AlgorithmSuite) async throws {
        let client = try Self.client(for: suite)
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        for frameLength in [1, 2, 16, 17] {
            for count in [0, 1, 2, 15, 16, 17, 31, 32, 33, 34, 35] {
                let plaintext = Self.plaintext(count)
                let encrypted = try await client.encrypt(
                    plaintext,
                    using: keyring,
                    algorithmSuite: suite,
                    frameLength: frameLength
                )
                let decrypted = try await client.decrypt(encrypted.ciphertext, using: keyring)
                #expect(decrypted.plaintext == plaintext, "\(count) bytes in frames of \(frameLength)")
            }
        }
    }
}
