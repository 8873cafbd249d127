import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A keyring that is made when it is first used, because AWS has to be asked for it.
final class DeferredKeyring: Keyring {
    let description: String
    private let make: @Sendable () async throws -> any Keyring
    private let made = Guarded<(any Keyring)?>(nil)

    init(_ description: String, make: @escaping @Sendable () async throws -> any Keyring) {
        self.description = description
        self.make = make
    }

    private func keyring() async throws -> any Keyring {
        if let keyring = made.withLock({ $0 }) { return keyring }
        let keyring = try await make()
        made.withLock { $0 = keyring }
        return keyring
    }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        try await keyring().onEncrypt(materials)
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await keyring().onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
    }
}
