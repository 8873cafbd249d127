public import ESDKCrypto

// spec: keyring-interface/onencrypt, keyring-interface/ondecrypt, keyring-interface/security-considerations
/// Wraps and opens data keys (framework/keyring-interface.md).
///
/// A keyring describes itself in errors: its `description` names key namespace and key name, never key bytes.
///
/// A keyring is a materials manager too, by way of the default one: wherever a `CryptographicMaterialsManager` is asked for, a keyring
/// will do.
///
/// To write a custom keyring, say how one data key is wrapped and how one encrypted data key is opened; ``wrapDataKey(of:_:)``
/// and ``openFirst(of:for:unwrap:)`` do the rest as the specification asks. Bind each wrapped key to
/// `materials.encryptionContext.serialized()`, so that it opens with no other encryption context.
///
/// ```swift
/// struct VaultKeyring: Keyring {
///     let vault: Vault
///     var description: String { "vault keyring" }
///
///     func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
///         let context = try materials.encryptionContext.serialized()
///         return try await wrapDataKey(of: materials) { dataKey in
///             EncryptedDataKey(
///                 keyProviderID: Array("vault".utf8),
///                 keyProviderInfo: Array(vault.keyName.utf8),
///                 ciphertext: try await vault.wrap(dataKey, bindingTo: context)
///             )
///         }
///     }
///
///     func onDecrypt(
///         _ materials: DecryptionMaterials,
///         encryptedDataKeys: [EncryptedDataKey]
///     ) async throws -> DecryptionMaterials {
///         let context = try materials.encryptionContext.serialized()
///         return try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
///             guard encryptedDataKey.keyProviderID == Array("vault".utf8) else {
///                 throw EncryptionSDKError(.notForThisKeyring, "wrapped by another key provider")
///             }
///             return try await vault.unwrap(encryptedDataKey.ciphertext, boundTo: context)
///         }
///     }
/// }
/// ```
public protocol Keyring: CryptographicMaterialsManager, CustomStringConvertible {
    /// Makes a data key when there is none, and wraps it.
    ///
    /// - Parameter materials: what the keyring adds to. ``wrapDataKey(of:_:)`` suits a keyring with one key; others use
    ///   `generatingDataKeyIfNeeded`, `settingDataKey` and `adding` of the materials.
    /// - Returns: `materials` with a data key, the same one if there was one, and the keyring's encrypted data key after those that
    ///   were there.
    /// - Throws: `EncryptionSDKError`: unlike decryption, encryption never goes on without a keyring; `CancellationError`.
    ///
    /// The materials are handed over so that one more encrypted data key can be added without a copy of the list; an implementation
    /// may leave the word `consuming` out.
    func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials

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
    // spec: keyring-interface/generate-data-key, keyring-interface/encrypt-data-key
    /// Encrypts as a keyring with one wrapping key does: makes a data key if there is none, and has `wrap` wrap it
    /// (framework/keyring-interface.md, OnEncrypt).
    ///
    /// - Parameters:
    ///   - materials: what `onEncrypt` was given.
    ///   - wrap: wraps the data key; its bytes are `dataKey.span`. An error that it throws ends the encryption: no keyring is left
    ///     out.
    /// - Returns: what `onEncrypt` is to return: `materials` with the data key, and one more encrypted data key.
    /// - Throws: `cryptographicLibrary` when no data key can be made; what `wrap` throws.
    public func wrapDataKey(
        of materials: consuming EncryptionMaterials,
        _ wrap: (_ dataKey: SecretBytes) async throws -> EncryptedDataKey
    ) async throws -> EncryptionMaterials {
        try await wrapDataKey(of: materials) { dataKey, _ in try await wrap(dataKey) }
    }

    /// The same for a keyring of this package, which takes its randomness from where the materials do.
    package func wrapDataKey(
        of materials: consuming EncryptionMaterials,
        _ wrap: (_ dataKey: SecretBytes, _ randomSource: any RandomSource) async throws -> EncryptedDataKey
    ) async throws -> EncryptionMaterials {
        let result = try materials.generatingDataKeyIfNeeded()
        guard let dataKey = result.plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "the encryption materials hold no data key")
        }
        let encryptedDataKey = try await wrap(dataKey, result.randomSource)
        return (consume result).adding(encryptedDataKey)
    }

    // spec: keyring-interface/decrypt-data-key
    /// Decrypts as a keyring does: tries one encrypted data key after the other until one opens (framework/keyring-interface.md,
    /// OnDecrypt).
    ///
    /// - Parameters:
    ///   - encryptedDataKeys: what `onDecrypt` was given.
    ///   - materials: what `onDecrypt` was given.
    ///   - unwrap: opens one encrypted data key, or throws why it does not: an `EncryptionSDKError` with the code
    ///     `notForThisKeyring` for one that another key wrapped, any other error for a failure. The error becomes the refusal of
    ///     this encrypted data key, and the next one is tried; only a `CancellationError` ends the search.
    /// - Returns: what `onDecrypt` is to return: `materials` with the data key and where it came from. A data key of a length that
    ///   does not fit the algorithm suite is refused like one that does not open.
    /// - Throws: `dataKeyAlreadyPresent` when the materials have a data key; `noDataKey` with the refusals when none was opened;
    ///   `CancellationError`.
    public func openFirst(
        of encryptedDataKeys: [EncryptedDataKey],
        for materials: DecryptionMaterials,
        unwrap: (_ encryptedDataKey: EncryptedDataKey) async throws -> SecretBytes
    ) async throws -> DecryptionMaterials {
        try materials.requireNoDataKey()
        let name = description
        var refusals = DataKeyRefusals()
        for (index, encryptedDataKey) in encryptedDataKeys.enumerated() {
            try Task.checkCancellation()
            do {
                let key = try await unwrap(encryptedDataKey)
                return try materials.settingDataKey(key, fromEncryptedDataKey: index, by: name)
            } catch let error as CancellationError {
                throw error
            } catch {
                // A key store may throw errors of another type.
                let error = error as? EncryptionSDKError ?? EncryptionSDKError(keyringFailure: error)
                refusals.add(error, of: index, wrappedBy: encryptedDataKey.wrappingKey, by: name)
            }
        }
        throw refusals.error("no encrypted data key was opened by \(name)")
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
