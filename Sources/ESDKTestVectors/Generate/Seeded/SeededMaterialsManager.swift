internal import AWSMaterialProviders
internal import ESDKCrypto

/// The default materials manager with a signing key that is given instead of generated, so that signatures can be repeated.
struct SeededMaterialsManager: CryptographicMaterialsManager {
    let keyring: any Keyring
    /// The signing key; nil for an unsigned suite.
    let signer: DeterministicSigner?

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        guard let suite = request.algorithmSuite else {
            throw EncryptionSDKError(.invalidConfiguration, "a vector names its algorithm suite")
        }
        var context = request.encryptionContext
        if let signer {
            let entry = EncryptionContext.Entry(
                keyBytes: Array(EncryptionContext.publicKeyName.utf8),
                valueBytes: EncryptionContext.publicKeyValue(of: signer.key.publicKey)
            )
            context = context.adding(disjoint: EncryptionContext(unique: [entry], ascending: true))
        }
        let materials = try await keyring.onEncrypt(
            EncryptionMaterials(
                algorithmSuite: suite,
                encryptionContext: context,
                requiredKeys: request.requiredEncryptionContextKeys.map { Array($0.utf8) },
                signingKey: signer?.key,
                randomSource: request.randomSource
            )
        )
        try materials.validate(for: request)
        return materials
    }

    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "a seeded materials manager only encrypts")
    }
}
