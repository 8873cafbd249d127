// spec: aws-kms-keyring/initialization, aws-kms-keyring/onencrypt, aws-kms-keyring/ondecrypt
/// A keyring over one symmetric AWS KMS key, which makes, wraps and opens data keys (framework/aws-kms/aws-kms-keyring.md).
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
    /// - Throws: `invalidConfiguration` when `kmsKeyID` is not a KMS key identifier, or is an ARN of another region than the client's.
    public init(kmsKeyID: String, kmsClient: any KMSClient, grantTokens: [String] = []) throws(EncryptionSDKError) {
        keyID = try KMSKeyIdentifier(kmsKeyID)
        try kmsClient.checkRegion(of: keyID.arn)
        dataKeys = KMSDataKeys(client: kmsClient, grantTokens: grantTokens)
    }

    /// The keyring's name in errors.
    public var description: String { "AWS KMS keyring \(keyID)" }

    /// Has KMS make a data key, or wrap the one that is there.
    ///
    /// - Throws: `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
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

// spec: aws-kms-mrk-keyring/initialization, aws-kms-mrk-keyring/onencrypt, aws-kms-mrk-keyring/ondecrypt
/// A keyring over one symmetric AWS KMS key that also opens what a replica of that key in another region wrapped
/// (framework/aws-kms/aws-kms-mrk-keyring.md).
public struct AWSKMSMRKKeyring: Keyring {
    private let keyID: KMSKeyIdentifier
    private let dataKeys: KMSDataKeys

    /// A keyring over one KMS key, which may be a multi-Region key.
    ///
    /// - Parameters:
    ///   - kmsKeyID: the key: its ARN, in the region that the client calls, for both directions. A key id or an alias can encrypt,
    ///     and opens nothing, because messages name the key by its ARN.
    ///   - kmsClient: calls KMS, in the region of `kmsKeyID`.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when `kmsKeyID` is not a KMS key identifier, or is an ARN of another region than the client's.
    public init(kmsKeyID: String, kmsClient: any KMSClient, grantTokens: [String] = []) throws(EncryptionSDKError) {
        keyID = try KMSKeyIdentifier(kmsKeyID)
        try kmsClient.checkRegion(of: keyID.arn)
        dataKeys = KMSDataKeys(client: kmsClient, grantTokens: grantTokens)
    }

    /// The keyring's name in errors.
    public var description: String { "AWS KMS multi-Region keyring \(keyID)" }

    /// Has KMS make a data key, or wrap the one that is there.
    ///
    /// - Throws: `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
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
