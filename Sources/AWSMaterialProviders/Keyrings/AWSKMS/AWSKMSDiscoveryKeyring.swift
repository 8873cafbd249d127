/// Whose keys a discovery keyring may use: one partition and some accounts in it.
public struct AWSKMSDiscoveryFilter: Sendable, Hashable {
    /// The partition, such as `aws`.
    public let partition: String
    /// The ids of the accounts.
    public let accountIDs: [String]

    /// A filter for the given accounts.
    ///
    /// - Parameters:
    ///   - partition: the partition, such as `aws`.
    ///   - accountIDs: the ids of the accounts, at least one.
    /// - Throws: `invalidConfiguration` for an empty partition, no account, or an empty one.
    public init(partition: String, accountIDs: [String]) throws(EncryptionSDKError) {
        guard !partition.isEmpty, !accountIDs.isEmpty, !accountIDs.contains("") else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a discovery filter needs a partition and at least one account id, none of them empty"
            )
        }
        self.partition = partition
        self.accountIDs = accountIDs
    }

    /// Checks that `arn` passes.
    ///
    /// - Throws: `notForThisKeyring`.
    func check(_ arn: KMSKeyARN) throws(EncryptionSDKError) {
        guard arn.partition == partition else {
            throw EncryptionSDKError(
                .notForThisKeyring,
                "\(arn) is in the partition \(arn.partition), the discovery filter allows \(partition)"
            )
        }
        guard accountIDs.contains(arn.account) else {
            throw EncryptionSDKError(
                .notForThisKeyring,
                "\(arn) is in the account \(arn.account), which the discovery filter does not name"
            )
        }
    }
}

// spec: aws-kms-discovery-keyring/onencrypt, aws-kms-discovery-keyring/ondecrypt
/// A keyring that opens data keys with the AWS KMS key that the message names
/// (framework/aws-kms/aws-kms-discovery-keyring.md).
///
/// The author of a message chooses which key is called: restrict the accounts with a filter.
public struct AWSKMSDiscoveryKeyring: Keyring {
    private let dataKeys: KMSDataKeys
    private let discoveryFilter: AWSKMSDiscoveryFilter?

    /// A keyring for the keys that messages name.
    ///
    /// - Parameters:
    ///   - kmsClient: calls KMS.
    ///   - discoveryFilter: the accounts whose keys may be used; nil for every account.
    ///   - grantTokens: grant tokens for every call, at most 10.
    public init(kmsClient: any KMSClient, discoveryFilter: AWSKMSDiscoveryFilter? = nil, grantTokens: [String] = []) {
        dataKeys = KMSDataKeys(client: kmsClient, grantTokens: grantTokens)
        self.discoveryFilter = discoveryFilter
    }

    /// The keyring's name in errors.
    public var description: String {
        "AWS KMS discovery keyring" + (dataKeys.client.region.map { " in \($0)" } ?? "")
    }

    /// Always fails: a discovery keyring has no key to encrypt under.
    ///
    /// - Throws: `keyringCannotEncrypt`.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
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

// spec: aws-kms-mrk-discovery-keyring/initialization, aws-kms-mrk-discovery-keyring/onencrypt
// spec: aws-kms-mrk-discovery-keyring/ondecrypt
/// A keyring that opens data keys with the AWS KMS key that the message names, in one region: a multi-Region key with its replica
/// there (framework/aws-kms/aws-kms-mrk-discovery-keyring.md).
///
/// The author of a message chooses which key is called: restrict the accounts with a filter.
public struct AWSKMSMRKDiscoveryKeyring: Keyring {
    private let dataKeys: KMSDataKeys
    private let region: String
    private let discoveryFilter: AWSKMSDiscoveryFilter?

    /// A keyring for the keys that messages name.
    ///
    /// - Parameters:
    ///   - kmsClient: calls KMS in `region`.
    ///   - region: the region whose keys are used.
    ///   - discoveryFilter: the accounts whose keys may be used; nil for every account.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when the region is empty or not the client's.
    public init(
        kmsClient: any KMSClient,
        region: String,
        discoveryFilter: AWSKMSDiscoveryFilter? = nil,
        grantTokens: [String] = []
    ) throws(EncryptionSDKError) {
        guard !region.isEmpty else {
            throw EncryptionSDKError(.invalidConfiguration, "an MRK discovery keyring needs a region")
        }
        if let clientRegion = kmsClient.region, clientRegion != region {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the region of the MRK discovery keyring is \(region), that of its AWS KMS client \(clientRegion)"
            )
        }
        dataKeys = KMSDataKeys(client: kmsClient, grantTokens: grantTokens)
        self.region = region
        self.discoveryFilter = discoveryFilter
    }

    /// The keyring's name in errors.
    public var description: String { "AWS KMS MRK discovery keyring in \(region)" }

    /// Always fails: a discovery keyring has no key to encrypt under.
    ///
    /// - Throws: `keyringCannotEncrypt`.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.keyringCannotEncrypt, "a discovery keyring names no AWS KMS key to encrypt under")
    }

    /// Opens the first encrypted data key that passes the filter and has a key in this region.
    ///
    /// - Throws: `malformedEncryptedDataKey` when an `aws-kms` encrypted data key names no key; `noDataKey`.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirstOfKMS(encryptedDataKeys, for: materials) { encryptedDataKey, arn in
            try discoveryFilter?.check(arn)
            guard arn.isMultiRegion || arn.region == region else {
                throw EncryptionSDKError(
                    .notForThisKeyring,
                    "\(arn) is not a multi-Region key, and not in \(region)"
                )
            }
            let keyID = arn.replacingRegion(with: region).description
            return try await dataKeys.decrypt(
                encryptedDataKey.ciphertext,
                under: keyID,
                isDiscovered: true,
                for: materials
            )
        }
    }
}
