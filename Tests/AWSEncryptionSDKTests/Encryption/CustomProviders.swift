// What a user of the library sees: these imports and public declarations only.
import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import Synchronization

/// A keyring as a user could write one for a vault: it keeps the data keys itself, and a message holds only a ticket.
final class VaultKeyring: Keyring {
    private let vault = Mutex<[[UInt8]: SecretBytes]>([:])

    var description: String { "vault keyring" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        let materials = try materials.generatingDataKeyIfNeeded()
        guard let key = materials.plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "no data key to keep")
        }
        let ticket = vault.withLock { vault in
            let ticket = Array("ticket \(vault.count)".utf8)
            vault[ticket] = key
            return ticket
        }
        return materials.adding(
            EncryptedDataKey(keyProviderID: Array("vault".utf8), keyProviderInfo: [], ciphertext: ticket)
        )
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try materials.requireNoDataKey()
        for (index, encryptedDataKey) in encryptedDataKeys.enumerated() {
            guard encryptedDataKey.keyProviderID == Array("vault".utf8),
                let key = vault.withLock({ $0[encryptedDataKey.ciphertext] })
            else { continue }
            return try materials.settingDataKey(key, fromEncryptedDataKey: index, by: description)
        }
        throw EncryptionSDKError(.noDataKey, "the vault has no key for any ticket")
    }
}

/// A materials manager as a user could write one: it labels every message with a tenant, and refuses those of others.
struct TenantCMM: CryptographicMaterialsManager {
    let tenant: String
    let underlying: any CryptographicMaterialsManager

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        var entries = request.encryptionContext.entries
        entries.append(EncryptionContext.Entry(key: "tenant", value: tenant))
        return try await underlying.encryptionMaterials(
            for: EncryptionMaterialsRequest(
                encryptionContext: EncryptionContext(entries: entries),
                commitmentPolicy: request.commitmentPolicy,
                algorithmSuite: request.algorithmSuite,
                requiredEncryptionContextKeys: request.requiredEncryptionContextKeys,
                maximumPlaintextLength: request.maximumPlaintextLength
            )
        )
    }

    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        guard request.encryptionContext["tenant"] == tenant else {
            throw EncryptionSDKError(
                EncryptionSDKError.Code("otherTenant", category: .policy),
                "the message belongs to another tenant"
            )
        }
        return try await underlying.decryptMaterials(for: request)
    }
}
