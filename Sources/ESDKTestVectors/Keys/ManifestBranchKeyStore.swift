import AWSMaterialProviders
import ESDKCrypto

/// The branch key of one entry of a keys manifest in a key store that holds others beside it.
///
/// Two entries may be two versions of one branch key, of which the key store has one active version. A description names its entry
/// and with it the version, for both directions.
struct ManifestBranchKeyStore: BranchKeyStore {
    let keyStore: KeyStore
    let version: String

    var logicalKeyStoreName: String { keyStore.logicalKeyStoreName }

    func activeBranchKey(id: String) async throws -> BranchKeyMaterials {
        let active = try await keyStore.activeBranchKey(id: id)
        return active.version == version ? active : try await keyStore.branchKey(id: id, version: version)
    }

    func branchKey(id: String, version: String) async throws -> BranchKeyMaterials {
        guard version == self.version else {
            throw EncryptionSDKError(
                .branchKeyNotFound,
                "the keys manifest has the branch key \(id) in version \(self.version), not in version \(version)"
            )
        }
        return try await keyStore.branchKey(id: id, version: version)
    }
}
