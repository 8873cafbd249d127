import ESDKSystem

extension MultiKeyring {
    // spec: aws-kms-multi-keyrings/aws-kms-multi-keyring
    /// AWS KMS keyrings over several keys, each called in its own region (framework/aws-kms/aws-kms-multi-keyrings.md).
    ///
    /// - Parameters:
    ///   - generator: the ARN of the key that makes the data key; needed to encrypt.
    ///   - kmsKeyIDs: the ARNs of the other keys. The ARN of an alias can encrypt, and opens nothing, because messages name the key.
    ///   - clientSupplier: gives the client for each key's region.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when there is no key, or one of them is not given by an ARN; what the supplier throws.
    public static func awsKMS(
        generator: String? = nil,
        kmsKeyIDs: [String] = [],
        clientSupplier: any KMSClientSupplier,
        grantTokens: [String] = []
    ) throws -> MultiKeyring {
        try strict(generator, kmsKeyIDs) { key throws in
            try AWSKMSKeyring(
                kmsKeyID: key.description,
                kmsClient: clientSupplier.client(forRegion: key.region),
                grantTokens: grantTokens
            )
        }
    }

    // spec: aws-kms-mrk-multi-keyrings/aws-kms-mrk-multi-keyring
    /// AWS KMS multi-Region keyrings over several keys, each called in its own region
    /// (framework/aws-kms/aws-kms-mrk-multi-keyrings.md).
    ///
    /// - Parameters:
    ///   - generator: the ARN of the key that makes the data key; needed to encrypt.
    ///   - kmsKeyIDs: the ARNs of the other keys. The ARN of an alias can encrypt, and opens nothing, because messages name the key.
    ///   - clientSupplier: gives the client for each key's region.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when there is no key, one of them is not given by an ARN, or a multi-Region key is given
    ///   twice; what the supplier throws.
    public static func awsKMSMRK(
        generator: String? = nil,
        kmsKeyIDs: [String] = [],
        clientSupplier: any KMSClientSupplier,
        grantTokens: [String] = []
    ) throws -> MultiKeyring {
        try strict(generator, kmsKeyIDs, check: requireUniqueMultiRegionKeys) { key throws in
            try AWSKMSMRKKeyring(
                kmsKeyID: key.description,
                kmsClient: clientSupplier.client(forRegion: key.region),
                grantTokens: grantTokens
            )
        }
    }

    // spec: aws-kms-multi-keyrings/aws-kms-discovery-multi-keyring
    /// AWS KMS discovery keyrings, one for each region (framework/aws-kms/aws-kms-multi-keyrings.md).
    ///
    /// - Parameters:
    ///   - regions: the regions, at least one.
    ///   - discoveryFilter: the accounts whose keys may be used; nil for every account.
    ///   - clientSupplier: gives the client for each region.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when there is no region or an empty one; what the supplier throws.
    public static func awsKMSDiscovery(
        regions: [String],
        discoveryFilter: AWSKMSDiscoveryFilter? = nil,
        clientSupplier: any KMSClientSupplier,
        grantTokens: [String] = []
    ) throws -> MultiKeyring {
        try requireRegions(regions)
        return try MultiKeyring(
            generator: nil,
            childKeyrings: regions.map { region in
                AWSKMSDiscoveryKeyring(
                    kmsClient: try clientSupplier.client(forRegion: region),
                    discoveryFilter: discoveryFilter,
                    grantTokens: grantTokens
                )
            }
        )
    }

    // spec: aws-kms-mrk-multi-keyrings/aws-kms-mrk-discovery-multi-keyring
    /// AWS KMS MRK discovery keyrings, one for each region (framework/aws-kms/aws-kms-mrk-multi-keyrings.md).
    ///
    /// - Parameters:
    ///   - regions: the regions, at least one.
    ///   - discoveryFilter: the accounts whose keys may be used; nil for every account.
    ///   - clientSupplier: gives the client for each region.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when there is no region or an empty one; what the supplier throws.
    public static func awsKMSMRKDiscovery(
        regions: [String],
        discoveryFilter: AWSKMSDiscoveryFilter? = nil,
        clientSupplier: any KMSClientSupplier,
        grantTokens: [String] = []
    ) throws -> MultiKeyring {
        try requireRegions(regions)
        return try MultiKeyring(
            generator: nil,
            childKeyrings: regions.map { region in
                try AWSKMSMRKDiscoveryKeyring(
                    kmsClient: clientSupplier.client(forRegion: region),
                    region: region,
                    discoveryFilter: discoveryFilter,
                    grantTokens: grantTokens
                )
            }
        )
    }

    private static func strict(
        _ generator: String?,
        _ kmsKeyIDs: [String],
        check: ([KMSKeyARN]) throws(EncryptionSDKError) -> Void = { _ in },
        keyring: (KMSKeyARN) throws -> any Keyring
    ) throws -> MultiKeyring {
        // All identifiers are read and checked before the first client is made.
        let generator = try generator.map(arn)
        let keys = try kmsKeyIDs.map(arn)
        try check((generator.map { [$0] } ?? []) + keys)
        return try MultiKeyring(generator: generator.map(keyring), childKeyrings: keys.map(keyring))
    }

    /// The ARN that tells the region of a key; a key id or an alias name alone does not.
    private static func arn(_ identifier: String) throws(EncryptionSDKError) -> KMSKeyARN {
        guard let arn = KMSKeyARN(identifier) else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "\(TerminalText.quoted(identifier)) is not the ARN of an AWS KMS key or alias, which a multi-keyring needs to find the "
                    + "region: give an ARN, or put a keyring for this key into MultiKeyring(generator:childKeyrings:)"
            )
        }
        return arn
    }

    private static func requireRegions(_ regions: [String]) throws(EncryptionSDKError) {
        guard !regions.isEmpty, !regions.contains("") else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a discovery multi-keyring needs at least one region, and none that is empty"
            )
        }
    }

    // spec: aws-kms-mrk-are-unique/implementation
    /// Checks that no multi-Region key is named twice (framework/aws-kms/aws-kms-mrk-are-unique.md).
    ///
    /// - Throws: `invalidConfiguration`, naming all identifiers of keys that are.
    private static func requireUniqueMultiRegionKeys(_ keys: [KMSKeyARN]) throws(EncryptionSDKError) {
        var byKeyID: [String: [String]] = [:]
        for key in keys where key.isMultiRegion { byKeyID[key.resourceID, default: []].append(key.description) }
        let repeated = byKeyID.values.filter { $0.count > 1 }.joined().sorted()
        guard repeated.isEmpty else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a multi-Region key may be named only once, in one region: \(repeated.joined(separator: ", "))"
            )
        }
    }
}
