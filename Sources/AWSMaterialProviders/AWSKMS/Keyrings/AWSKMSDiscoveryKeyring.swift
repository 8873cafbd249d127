/// Opens data keys with whatever AWS KMS key wrapped them (framework/aws-kms/aws-kms-discovery-keyring.md).
///
/// It calls keys that the message names, so whoever wrote the message chooses them: give it a filter.
public struct AWSKMSDiscoveryKeyring: Keyring {
    private let dataKeys: KMSDataKeys
    private let discoveryFilter: AWSKMSDiscoveryFilter?

    /// A keyring without a key of its own.
    ///
    /// - Parameters:
    ///   - kmsClient: calls KMS.
    ///   - discoveryFilter: whose keys may be used; nil for anyone's.
    ///   - grantTokens: grant tokens for every call, at most 10.
    public init(kmsClient: any KMSClient, discoveryFilter: AWSKMSDiscoveryFilter? = nil, grantTokens: [String] = []) {
        dataKeys = KMSDataKeys(client: kmsClient, grantTokens: grantTokens)
        self.discoveryFilter = discoveryFilter
    }

    /// The keyring's name in errors.
    public var description: String {
        "AWS KMS discovery keyring" + (dataKeys.client.region.map { " in \($0)" } ?? "")
    }

    /// Fails: there is no key to encrypt under.
    ///
    /// - Throws: `keyringCannotEncrypt`.
    public func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.keyringCannotEncrypt, "a discovery keyring names no AWS KMS key to encrypt under")
    }

    /// Opens the first encrypted data key that passes the filter, with the key that it names.
    ///
    /// - Throws: `malformedEncryptedDataKey` when an `aws-kms` encrypted data key names no key; `noDataKey`.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirstOfKMS(encryptedDataKeys, for: materials) { encryptedDataKey, arn in
            try discoveryFilter?.check(arn)
            return try await dataKeys.decrypt(
                encryptedDataKey.ciphertext,
                under: arn.description,
                isDiscovered: true,
                for: materials
            )
        }
    }
}
