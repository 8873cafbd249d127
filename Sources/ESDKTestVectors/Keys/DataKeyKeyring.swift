import AWSMaterialProviders
import ESDKCrypto

/// A keyring that accepts any encrypted data key and returns the data key that a vector spells out.
struct DataKeyKeyring: Keyring {
    let dataKey: SecretBytes

    var description: String { "data key of the vector" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "the data key of a vector wraps nothing")
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirst(of: encryptedDataKeys, for: materials) { _ in dataKey }
    }
}
