import CryptoPrimitives

/// Data keys wrapped under a key that is derived from a branch key of a key store
/// (framework/aws-kms/aws-kms-hierarchical-keyring.md).
public struct HierarchicalKeyring: Keyring {
    static let keyProviderID = Array("aws-kms-hierarchy".utf8)
    private static let saltLength = 16
    private static let versionLength = 16
    private static let overhead = saltLength + AESGCM.ivLength + versionLength + AESGCM.tagLength

    private let keyStore: any BranchKeyStore
    private let branchKeyID: [UInt8]

    /// A keyring over one branch key.
    ///
    /// - Parameters:
    ///   - keyStore: where the versions of the branch key are found.
    ///   - branchKeyID: the id of the branch key; stands in the message.
    public init(keyStore: any BranchKeyStore, branchKeyID: String) {
        self.keyStore = keyStore
        self.branchKeyID = Array(branchKeyID.utf8)
    }

    /// The keyring's name in errors.
    public var description: String {
        "hierarchical keyring of branch key \(String(decoding: branchKeyID, as: UTF8.self))"
    }

    /// Wraps the data key under a key that is derived from the active version of the branch key.
    public func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        let context = try materials.encryptionContext.serialized()
        return try await wrapDataKey(of: materials) { dataKey, randomSource in
            let branchKey = try await keyStore.activeBranchKey(id: String(decoding: branchKeyID, as: UTF8.self))
            return try wrap(dataKey, under: branchKey, context: context, randomSource: randomSource)
        }
    }

    private func wrap(
        _ dataKey: SecretBytes,
        under materials: BranchKeyMaterials,
        context: [UInt8],
        randomSource: any RandomSource
    ) throws(EncryptionSDKError) -> EncryptedDataKey {
        guard let version = UUIDText.bytes(of: materials.version) else {
            throw EncryptionSDKError(.invalidMaterials, "the branch key version is not a UUID")
        }
        let salt = try randomSource.randomBytes(Self.saltLength)
        let iv = try randomSource.randomBytes(AESGCM.ivLength)
        let wrappingKey = try Self.wrappingKey(from: materials.branchKey, salt: salt.span)
        let additionalData = Self.keyProviderID + branchKeyID + version + context
        var ciphertext = salt + iv + version
        try dataKey.wrap(
            iv: iv.span,
            context: additionalData.span,
            under: wrappingKey,
            cipher: .aes256,
            appendingTo: &ciphertext
        )
        return EncryptedDataKey(
            keyProviderID: Self.keyProviderID,
            keyProviderInfo: branchKeyID,
            ciphertext: ciphertext
        )
    }

    private static func wrappingKey(
        from branchKey: SecretBytes,
        salt: Span<UInt8>
    ) throws(EncryptionSDKError) -> SecretBytes {
        do {
            return try CounterModeKDF.derive(
                .sha256,
                key: branchKey.span,
                label: keyProviderID.span,
                context: salt,
                outputLength: 32
            )
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// Opens the first encrypted data key of this keyring's branch key.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        let context = try materials.encryptionContext.serialized()
        return try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            try await unwrap(encryptedDataKey, context: context, suite: materials.algorithmSuite)
        }
    }

    /// The layout is salt, IV, version, wrapped key, tag.
    private func unwrap(
        _ encryptedDataKey: EncryptedDataKey,
        context: [UInt8],
        suite: AlgorithmSuite
    ) async throws -> SecretBytes {
        guard encryptedDataKey.keyProviderID == Self.keyProviderID else { throw EncryptionSDKError.otherKeyProvider }
        guard encryptedDataKey.keyProviderInfo == branchKeyID else { throw EncryptionSDKError.otherKeyName }
        let ciphertext = encryptedDataKey.ciphertext
        guard ciphertext.count > Self.overhead else {
            throw EncryptionSDKError(.malformedEncryptedDataKey, "shorter than salt, IV, version and tag")
        }
        try suite.checkDataKeyLength(ciphertext.count - Self.overhead)
        let ivEnd = Self.saltLength + AESGCM.ivLength
        let version = ciphertext[ivEnd..<ivEnd + Self.versionLength]
        let materials = try await keyStore.branchKey(
            id: String(decoding: branchKeyID, as: UTF8.self),
            version: UUIDText.text(of: version)
        )

        let wrappingKey = try Self.wrappingKey(
            from: materials.branchKey,
            salt: ciphertext.span.extracting(..<Self.saltLength)
        )
        let additionalData = Self.keyProviderID + branchKeyID + version + context
        let tagStart = ciphertext.count - AESGCM.tagLength
        return try SecretBytes.unwrapped(
            from: ciphertext.span.extracting(ivEnd + Self.versionLength..<tagStart),
            tag: ciphertext.span.extracting(tagStart...),
            iv: ciphertext.span.extracting(Self.saltLength..<ivEnd),
            context: additionalData.span,
            under: wrappingKey,
            cipher: .aes256
        )
    }
}
