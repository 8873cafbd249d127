// What a user of the library sees: these imports and public declarations only.
import AWSEncryptionSDK
import Synchronization

/// A keyring as a user could write one for a vault: it keeps the data keys itself, and a message holds only a ticket.
final class VaultKeyring: Keyring {
    private let vault = Mutex<[[UInt8]: SecretBytes]>([:])

    var description: String { "vault keyring" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        try await wrapDataKey(of: materials) { dataKey in
            let ticket = vault.withLock { vault in
                let ticket = Array("ticket \(vault.count)".utf8)
                vault[ticket] = dataKey
                return ticket
            }
            return EncryptedDataKey(keyProviderID: Array("vault".utf8), keyProviderInfo: [], ciphertext: ticket)
        }
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            guard encryptedDataKey.keyProviderID == Array("vault".utf8) else {
                throw EncryptionSDKError(.notForThisKeyring, "no ticket of the vault")
            }
            guard let dataKey = vault.withLock({ $0[encryptedDataKey.ciphertext] }) else {
                throw EncryptionSDKError(.unwrappingFailed, "the vault has no data key for this ticket")
            }
            return dataKey
        }
    }
}

/// A materials manager as a user could write one: it labels every message with a tenant, and refuses those of others.
struct TenantCMM: CryptographicMaterialsManager {
    let tenant: String
    let underlying: any CryptographicMaterialsManager

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        var request = request
        var entries = request.encryptionContext.entries
        entries.append(EncryptionContext.Entry(key: "tenant", value: tenant))
        request.encryptionContext = try EncryptionContext(entries: entries)
        return try await underlying.encryptionMaterials(for: request)
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
