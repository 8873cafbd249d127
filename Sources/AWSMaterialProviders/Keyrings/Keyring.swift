package import ESDKCrypto

/// Wraps and opens data keys (framework/keyring-interface.md).
///
/// A keyring describes itself in errors: its `description` names key namespace and key name, never key bytes.
///
/// A keyring is a materials manager too, by way of the default one: wherever a `CryptographicMaterialsManager` is asked for, a keyring
/// will do.
public protocol Keyring: CryptographicMaterialsManager, CustomStringConvertible {
    /// Makes a data key when there is none, and wraps it.
    ///
    /// - Parameter materials: what the keyring adds to; `generatingDataKeyIfNeeded`, `settingDataKey` and `adding` do that.
    /// - Returns: `materials` with a data key, the same one if there was one, and the keyring's encrypted data key after those that
    ///   were there.
    /// - Throws: `EncryptionSDKError`: unlike decryption, encryption never goes on without a keyring; `CancellationError`.
    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials

    /// Opens one of `encryptedDataKeys`, tried in their order.
    ///
    /// A bad encrypted data key never stops the others.
    ///
    /// - Returns: `materials` with the data key.
    /// - Throws: `EncryptionSDKError` with the code `dataKeyAlreadyPresent` when `materials` has a data key, or `noDataKey` with
    ///   the reason for each encrypted data key when none was opened; `CancellationError`.
    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials
}

extension Keyring {
    /// What every keyring with one key of its own shares: a data key is made if there is none, and `wrap` wraps it.
    package func wrapDataKey(
        of materials: EncryptionMaterials,
        wrap: (SecretBytes, any RandomSource) async throws -> EncryptedDataKey
    ) async throws -> EncryptionMaterials {
        let materials = try materials.generatingDataKeyIfNeeded()
        guard let dataKey = materials.plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "the encryption materials hold no data key")
        }
        return materials.adding(try await wrap(dataKey, materials.randomSource))
    }

    /// The loop that every keyring with keys of its own shares: `unwrap` is called for one encrypted data key after the other
    /// until it returns a data key; what it throws becomes that key's refusal.
    package func openFirst(
        of encryptedDataKeys: [EncryptedDataKey],
        for materials: DecryptionMaterials,
        unwrap: (EncryptedDataKey) async throws -> SecretBytes
    ) async throws -> DecryptionMaterials {
        try materials.requireNoDataKey()
        let name = description
        var refusals: [DataKeyRefusal] = []
        for (index, encryptedDataKey) in encryptedDataKeys.enumerated() {
            do {
                let key = try await unwrap(encryptedDataKey)
                return try materials.settingDataKey(key, fromEncryptedDataKey: index, by: name)
            } catch let error as CancellationError {
                throw error
            } catch {
                // A key store may throw errors of its own.
                let error = error as? EncryptionSDKError ?? EncryptionSDKError(.keyringFailure, "\(error)")
                refusals.append(DataKeyRefusal(encryptedDataKey: index, keyring: name, error: error))
            }
        }
        throw EncryptionSDKError(
            .noDataKey,
            "no encrypted data key was opened by \(name)",
            refusals: refusals
        )
    }
}

extension EncryptionSDKError {
    /// The refusal of an encrypted data key that another keyring wrapped.
    ///
    /// One value for all: a message may hold 65,535 of them.
    package static let otherKeyProvider = EncryptionSDKError(
        .notForThisKeyring,
        "wrapped by another key provider (key namespace differs)"
    )
    /// The refusal of an encrypted data key of the right provider under another key.
    package static let otherKeyName = EncryptionSDKError(
        .notForThisKeyring,
        "wrapped under another key (key name differs)"
    )
}
