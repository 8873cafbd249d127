import ESDKCrypto
package import ESDKSystem

/// Branch keys in a DynamoDB table, each encrypted under an AWS KMS key (framework/branch-key-store.md).
///
/// Key stores that other implementations of the AWS Encryption SDK wrote are read, and the other way round.
public struct KeyStore: BranchKeyStore {
    /// The id of this key store, for logs; it is not stored.
    public let id: String
    /// The DynamoDB table.
    public let tableName: String
    /// The name that is bound to every key; it stays the same when the table is restored under another name.
    public let logicalKeyStoreName: String
    /// Which KMS keys are used.
    public let kmsConfiguration: KeyStoreKMSConfiguration
    /// Grant tokens for every call to KMS.
    public var grantTokens: [String] { heldGrantTokens.values }

    private let heldGrantTokens: GrantTokens
    let kmsKey: KeyStoreKMSKey
    let dynamoDB: any DynamoDBClient
    let kms: any KMSClient
    let clock: any TimeSource

    // spec: branch-key-store/keystore-id, branch-key-store/kms-client, branch-key-store/logical-keystore-name
    /// A key store over a table.
    ///
    /// - Parameters:
    ///   - tableName: the DynamoDB table.
    ///   - logicalKeyStoreName: the name that is bound to every key; often that of the table.
    ///   - kmsConfiguration: which KMS keys are used.
    ///   - id: the id of this key store; nil for a random one.
    ///   - grantTokens: grant tokens for every call to KMS, at most 10.
    ///   - dynamoDBClient: calls DynamoDB in the table's region.
    ///   - kmsClient: calls KMS in the key's region.
    /// - Throws: `invalidConfiguration` for an empty name, an identifier that is not a key ARN or in another region than
    ///   the client, or an empty region.
    public init(
        tableName: String,
        logicalKeyStoreName: String,
        kmsConfiguration: KeyStoreKMSConfiguration,
        id: String? = nil,
        grantTokens: [String] = [],
        dynamoDBClient: any DynamoDBClient,
        kmsClient: any KMSClient
    ) throws(EncryptionSDKError) {
        try self.init(
            tableName: tableName,
            logicalKeyStoreName: logicalKeyStoreName,
            kmsConfiguration: kmsConfiguration,
            id: id,
            grantTokens: grantTokens,
            dynamoDBClient: dynamoDBClient,
            kmsClient: kmsClient,
            clock: SystemTimeSource()
        )
    }

    package init(
        tableName: String,
        logicalKeyStoreName: String,
        kmsConfiguration: KeyStoreKMSConfiguration,
        id: String?,
        grantTokens: [String],
        dynamoDBClient: any DynamoDBClient,
        kmsClient: any KMSClient,
        clock: any TimeSource
    ) throws(EncryptionSDKError) {
        guard !tableName.isEmpty, !logicalKeyStoreName.isEmpty else {
            throw EncryptionSDKError(.invalidConfiguration, "a key store needs a table name and a logical name")
        }
        kmsKey = try KeyStoreKMSKey(kmsConfiguration)
        try kmsKey.checkRegion(of: kmsClient)
        if let id { self.id = id } else { self.id = UUIDText.text(of: try SystemRandomSource().randomUUID()) }
        self.tableName = tableName
        self.logicalKeyStoreName = logicalKeyStoreName
        self.kmsConfiguration = kmsConfiguration
        heldGrantTokens = GrantTokens(grantTokens)
        dynamoDB = dynamoDBClient
        // Asked for by the specification: branch-key-store.md, "KMS Client".
        kms = kmsClient.identified(as: "aws-kms-hierarchy")
        self.clock = clock
    }

    // MARK: - Reading

    // spec: branch-key-store/getactivebranchkey
    /// The version of a branch key that new data keys are wrapped under (GetActiveBranchKey).
    ///
    /// - Throws: `branchKeyNotFound`, `invalidBranchKeyRecord`, `awsAccessDenied`, `awsUnavailable`, `awsRefusal`,
    ///   `unexpectedKMSResponse`; `CancellationError`.
    public func activeBranchKey(id: String) async throws -> BranchKeyMaterials {
        try await branchKey(id: id, .active)
    }

    // spec: branch-key-store/getbranchkeyversion
    /// One version of a branch key (GetBranchKeyVersion).
    ///
    /// - Throws: `branchKeyNotFound`, `invalidBranchKeyRecord`, `awsAccessDenied`, `awsUnavailable`, `awsRefusal`,
    ///   `unexpectedKMSResponse`; `CancellationError`.
    public func branchKey(id: String, version: String) async throws -> BranchKeyMaterials {
        try await branchKey(id: id, .version(version))
    }

    // spec: branch-key-store/getbeaconkey
    /// The beacon key of a branch key (GetBeaconKey).
    ///
    /// - Throws: `branchKeyNotFound`, `invalidBranchKeyRecord`, `awsAccessDenied`, `awsUnavailable`, `awsRefusal`,
    ///   `unexpectedKMSResponse`; `CancellationError`.
    public func beaconKey(id: String) async throws -> BeaconKeyMaterials {
        let record = try await record(of: id, .beacon)
        return try BeaconKeyMaterials(
            beaconKeyID: id,
            beaconKey: try await decrypt(record, of: id),
            encryptionContext: record.customContext
        )
    }

    private func branchKey(id: String, _ kind: BranchKeyRecord.Kind) async throws -> BranchKeyMaterials {
        let record = try await record(of: id, kind)
        guard let version = record.version, UUIDText.bytes(of: version) != nil else {
            throw EncryptionSDKError(
                .invalidBranchKeyRecord,
                "the version of the branch key \(TerminalText.quoted(id)) is not a UUID"
            )
        }
        return try BranchKeyMaterials(
            branchKeyID: id,
            version: version,
            branchKey: try await decrypt(record, of: id),
            encryptionContext: record.customContext
        )
    }

    /// The item of `id` and `kind`, checked for its form.
    ///
    /// - Parameter isConsistent: whether every write that was answered before must be seen.
    /// - Throws: `branchKeyNotFound`, `invalidBranchKeyRecord`, `awsAccessDenied`, `awsUnavailable`, `awsRefusal`;
    ///   `CancellationError`.
    func record(
        of id: String,
        _ kind: BranchKeyRecord.Kind,
        isConsistent: Bool = false
    ) async throws -> BranchKeyRecord {
        guard !id.isEmpty else {
            throw EncryptionSDKError(.branchKeyNotFound, "an empty text is the id of no branch key")
        }
        let item = try await EncryptionSDKError.translating(about: "branch key \(TerminalText.quoted(id))") {
            try await dynamoDB.getItem(
                DynamoDB.GetItemRequest(
                    tableName: tableName,
                    key: [
                        BranchKeyRecord.Attribute.branchKeyID: .string(id),
                        BranchKeyRecord.Attribute.type: .string(kind.text),
                    ],
                    consistentRead: isConsistent
                )
            )
        }
        guard let item else {
            throw EncryptionSDKError(
                .branchKeyNotFound,
                "the key store \(logicalKeyStoreName) has no item \(kind.text) of the branch key \(TerminalText.quoted(id))"
            )
        }
        return try BranchKeyRecord(item, branchKeyID: id, kind: kind)
    }

    // spec: branch-key-store/aws-kms-branch-key-decryption
    private func decrypt(_ record: BranchKeyRecord, of id: String) async throws -> SecretBytes {
        let keyID = try kmsKey.keyForReading(record.kmsARN)
        let response = try await EncryptionSDKError.translating(
            about: "branch key \(TerminalText.quoted(id)) under \(keyID)"
        ) {
            try await kms.decrypt(
                KMS.DecryptRequest(
                    keyID: keyID,
                    ciphertextBlob: record.ciphertext,
                    encryptionContext: record.encryptionContext(logicalKeyStoreName: logicalKeyStoreName),
                    grantTokens: grantTokens
                )
            )
        }
        try KMS.check(response.keyID, is: keyID)
        guard response.plaintext.count == BranchKeyMaterials.keyLength else {
            throw EncryptionSDKError(
                .unexpectedKMSResponse,
                "AWS KMS answered with a branch key of \(response.plaintext.count) bytes, \(BranchKeyMaterials.keyLength) are needed"
            )
        }
        return response.plaintext
    }
}
