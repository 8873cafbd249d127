package import CryptoPrimitives

/// Opens, and later wraps, data keys (framework/keyring-interface.md).
///
/// A keyring describes itself in errors: its `description` names key namespace and key name, never key bytes.
public protocol Keyring: Sendable, CustomStringConvertible {
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
            } catch let error as EncryptionSDKError {
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
