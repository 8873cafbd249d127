import AWSEncryptionSDK
import AWSMaterialProviders
import TestSupport
import Testing

@Suite("Keyrings and materials managers written outside the package")
struct CustomProviderTests {
    @Test(
        "a custom keyring writes and reads",
        .spec(
            "keyring-interface/onencrypt",
            "keyring-interface/ondecrypt",
            "keyring-interface/encrypt-data-key",
            "keyring-interface/generate-data-key.1",
            "keyring-interface/generate-data-key.3"
        ),
        arguments: AlgorithmSuite.all
    )
    func customKeyring(_ suite: AlgorithmSuite) async throws {
        let client = try RoundTripTests.client(for: suite)
        let keyring = VaultKeyring()
        let first = try await client.encrypt([1], using: keyring, algorithmSuite: suite)
        let second = try await client.encrypt([2], using: keyring, algorithmSuite: suite)
        #expect(try await client.decrypt(first.ciphertext, using: keyring).plaintext == [1])
        #expect(try await client.decrypt(second.ciphertext, using: keyring).plaintext == [2])
        await #expect(throws: EncryptionSDKError(.noDataKey, "")) {
            try await client.decrypt(first.ciphertext, using: VaultKeyring())
        }
    }

    @Test("a custom keyring is a child and a generator of a multi-keyring")
    func insideMultiKeyring() async throws {
        let client = try EncryptionSDK()
        let vault = VaultKeyring()
        let aes = try EncryptionKeyrings.aes(.aes256GCM)
        for keyring in [
            try MultiKeyring(generator: vault, childKeyrings: [aes]),
            try MultiKeyring(generator: aes, childKeyrings: [vault]),
        ] {
            let message = try await client.encrypt([7], using: keyring).ciphertext
            #expect(try await client.decrypt(message, using: vault).plaintext == [7])
            #expect(try await client.decrypt(message, using: aes).plaintext == [7])
        }
    }

    @Test(
        "a custom materials manager adds to the context and refuses by it",
        .spec(
            "encrypt/get-the-encryption-materials.4",
            "decrypt/get-the-decryption-materials.3",
            "cmm-interface/get-encryption-materials.1",
            "cmm-interface/decrypt-materials.1",
            "cmm-interface/decrypt-materials.7"
        )
    )
    func customMaterialsManager() async throws {
        let client = try EncryptionSDK()
        let cmm = DefaultCMM(keyring: try EncryptionKeyrings.aes(.aes256GCM))
        let mine = TenantCMM(tenant: "mine", underlying: cmm)
        let message = try await client.encrypt([5], using: mine, encryptionContext: ["a": "b"])
        #expect(message.encryptionContext["tenant"] == "mine")
        #expect(try await client.decrypt(message.ciphertext, using: mine).plaintext == [5])
        await #expect(throws: EncryptionSDKError(.init("otherTenant", category: .policy), "")) {
            try await client.decrypt(
                message.ciphertext,
                using: TenantCMM(tenant: "yours", underlying: cmm)
            )
        }
    }
}
