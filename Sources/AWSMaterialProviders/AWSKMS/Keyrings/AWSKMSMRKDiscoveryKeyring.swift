/// Opens data keys with whatever AWS KMS key of one region wrapped them, multi-Region keys with their replica in that region
/// (framework/aws-kms/aws-kms-mrk-discovery-keyring.md).
///
/// It calls keys that the message names, so whoever wrote the message chooses them: give it a filter.
public struct AWSKMSMRKDiscoveryKeyring: Keyring {
    private let dataKeys: KMSDataKeys
    private let region: String
    private let discoveryFilter: AWSKMSDiscoveryFilter?

    /// A keyring without a key of its own.
    ///
    /// - Parameters:
    ///   - kmsClient: calls KMS in `region`.
    ///   - region: the region whose keys are used.
    ///   - discoveryFilter: whose keys may be used; nil for anyone's.
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

    /// Fails: there is no key to encrypt under.
    ///
    /// - Throws: `keyringCannotEncrypt`.
    public func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
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
                    "\(arn) is no multi-Region key, and in another region than \(region)"
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
