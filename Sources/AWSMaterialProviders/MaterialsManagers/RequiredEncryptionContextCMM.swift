import ESDKSystem

/// A materials manager that insists on encryption context which is authenticated with the message and not stored in it
/// (framework/required-encryption-context-cmm.md).
public struct RequiredEncryptionContextCMM: CryptographicMaterialsManager {
    private let requiredEncryptionContextKeys: [String]
    private let requiredKeys: [[UInt8]]
    private let underlying: any CryptographicMaterialsManager

    // spec: required-encryption-context-cmm/initialization
    /// A materials manager over a keyring or another materials manager.
    ///
    /// - Parameters:
    ///   - requiredEncryptionContextKeys: the keys that every caller must supply; at least one.
    ///   - underlying: the keyring or materials manager that does the work.
    /// - Throws: `invalidConfiguration` when no key is given.
    public init(
        requiredEncryptionContextKeys: [String],
        underlying: any CryptographicMaterialsManager
    ) throws(EncryptionSDKError) {
        guard !requiredEncryptionContextKeys.isEmpty else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a required-encryption-context CMM needs at least one required key"
            )
        }
        self.requiredEncryptionContextKeys = requiredEncryptionContextKeys
        requiredKeys = requiredEncryptionContextKeys.map { Array($0.utf8) }
        self.underlying = underlying
    }

    // spec: required-encryption-context-cmm/get-encryption-materials
    /// Checks that the caller supplied every required key, and asks the underlying manager not to store them.
    ///
    /// - Throws: `missingRequiredEncryptionContext`; `invalidMaterials` when the underlying manager would store a required key; what
    ///   the underlying manager throws.
    public func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        for key in requiredKeys where request.encryptionContext[bytes: key] == nil {
            throw EncryptionSDKError(
                .missingRequiredEncryptionContext,
                "the encryption context lacks the required key \(TerminalText.quoted(String(decoding: key, as: UTF8.self)))"
            )
        }
        var request = request
        request.requiredEncryptionContextKeys += requiredEncryptionContextKeys
        let materials = try await underlying.encryptionMaterials(for: request)
        try materials.validate(for: request)
        return materials
    }

    // spec: required-encryption-context-cmm/decrypt-materials
    /// Checks that the caller supplied every required key, and that the underlying manager kept them.
    ///
    /// - Throws: `missingRequiredEncryptionContext`; what the underlying manager throws.
    public func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        for key in requiredKeys where request.reproducedEncryptionContext[bytes: key] == nil {
            throw EncryptionSDKError(
                .missingRequiredEncryptionContext,
                "the encryption context given to decrypt lacks the required key \(TerminalText.quoted(String(decoding: key, as: UTF8.self)))"
            )
        }
        let materials = try await underlying.decryptMaterials(for: request)
        for key in requiredKeys where materials.encryptionContext[bytes: key] == nil {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the underlying materials manager dropped the required key \(TerminalText.quoted(String(decoding: key, as: UTF8.self)))"
            )
        }
        return materials
    }
}
