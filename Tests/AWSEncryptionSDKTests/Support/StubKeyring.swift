import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A keyring that takes any encrypted data key for the one data key it was given, and counts how often it is asked.
final class StubKeyring: Keyring {
    private let dataKey: [UInt8]
    private let callCount = Guarded(0)

    init(dataKey: [UInt8]) { self.dataKey = dataKey }

    /// How often the keyring was asked for a data key.
    var calls: Int { callCount.withLock { $0 } }

    var description: String { "stub keyring" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "this keyring only decrypts")
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        callCount.withLock { $0 += 1 }
        return try materials.settingDataKey(SecretBytes(dataKey), fromEncryptedDataKey: 0, by: description)
    }
}
