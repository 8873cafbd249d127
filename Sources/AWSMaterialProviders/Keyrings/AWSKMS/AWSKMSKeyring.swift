/// Data keys made, wrapped and opened by one symmetric AWS KMS key (framework/aws-kms/aws-kms-keyring.md).
public struct AWSKMSKeyring: Keyring {
    private let keyID: KMSKeyIdentifier
    private let dataKeys: KMSDataKeys

    /// A keyring over one KMS key.
    ///
    /// - Parameters:
    ///   - kmsKeyID: the key: its ARN for both directions. A key id or an alias can encrypt, and opens nothing, because messages
    ///     name the key by its ARN.
    ///   - kmsClient: calls KMS, in the key's region.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when `kmsKeyID` is no KMS key identifier.
    public init(kmsKeyID: String, kmsClient: any KMSClient, grantTokens: [String] = []) throws(EncryptionSDKError) {
        keyID = try KMSKeyIdentifier(kmsKeyID)
        dataKeys = KMSDataKeys(client: kmsClient, grantTokens: grantTokens)
    }

    /// The keyring's name in errors.
    public var description: String { "AWS KMS keyring \(keyID)" }

    /// Has KMS make a data key, or wrap the one that is there.
    ///
    /// - Throws: `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    public func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        try await dataKeys.encrypt(materials, under: keyID)
    }

    /// Opens the first encrypted data key of exactly this key.
    ///
    /// - Throws: `malformedEncryptedDataKey` when an `aws-kms` encrypted data key names no key; `noDataKey`.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirstOfKMS(encryptedDataKeys, for: materials) { encryptedDataKey, arn in
            guard keyID.text.utf8.elementsEqual(arn.description.utf8) else { throw keyID.mismatch(with: arn) }
            return try await dataKeys.decrypt(encryptedDataKey.ciphertext, under: keyID.text, for: materials)
        }
    }
}

/// Data keys made, wrapped and opened by one symmetric AWS KMS key, of which a replica in another region is as good
/// (framework/aws-kms/aws-kms-mrk-keyring.md).
public struct AWSKMSMRKKeyring: Keyring {
    private let keyID: KMSKeyIdentifier
    private let dataKeys: KMSDataKeys

    /// A keyring over one KMS key, which may be a multi-Region key.
    ///
    /// - Parameters:
    ///   - kmsKeyID: the key: its ARN, in the region that is to be called, for both directions. A key id or an alias can encrypt,
    ///     and opens nothing, because messages name the key by its ARN.
    ///   - kmsClient: calls KMS, in the region of `kmsKeyID`.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when `kmsKeyID` is no KMS key identifier.
    public init(kmsKeyID: String, kmsClient: any KMSClient, grantTokens: [String] = []) throws(EncryptionSDKError) {
        keyID = try KMSKeyIdentifier(kmsKeyID)
        dataKeys = KMSDataKeys(client: kmsClient, grantTokens: grantTokens)
    }

    /// The keyring's name in errors.
    public var description: String { "AWS KMS multi-Region keyring \(keyID)" }

    /// Has KMS make a data key, or wrap the one that is there.
    ///
    /// - Throws: `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    public func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        try await dataKeys.encrypt(materials, under: keyID)
    }

    /// Opens the first encrypted data key of this key or of a replica, with the configured key.
    ///
    /// Unlike other keyrings, this one hands materials with a data key back as they are: so its specification says.
    ///
    /// - Throws: `malformedEncryptedDataKey` when an `aws-kms` encrypted data key names no key; `noDataKey`.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        guard materials.plaintextDataKey == nil else { return materials }
        return try await openFirstOfKMS(encryptedDataKeys, for: materials) { encryptedDataKey, arn in
            guard keyID.matchesForDecrypt(arn) else { throw keyID.mismatch(with: arn) }
            return try await dataKeys.decrypt(encryptedDataKey.ciphertext, under: keyID.text, for: materials)
        }
    }
}
