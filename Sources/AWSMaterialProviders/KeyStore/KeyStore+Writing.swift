import ESDKCrypto
import ESDKSystem

extension KeyStore {
    // spec: branch-key-store/createkey, branch-key-store/branch-key-and-beacon-key-creation
    /// Makes a branch key and a beacon key (CreateKey).
    ///
    /// - Parameters:
    ///   - branchKeyID: the id; nil for a random UUID.
    ///   - encryptionContext: your pairs that are bound to the branch key; required when an id is given.
    /// - Returns: the id.
    /// - Throws: `invalidConfiguration` for an id without context, or in discovery; `branchKeyConflict` when the id exists;
    ///   `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    public func createKey(
        branchKeyID: String? = nil,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> String {
        let kmsKeyID = try kmsKey.keyForWriting()
        guard let kmsARN = KMSKeyARN(kmsKeyID) else {
            throw EncryptionSDKError(.invalidConfiguration, "the AWS KMS key of the key store is not a key ARN")
        }
        let id: String
        if let branchKeyID {
            guard !branchKeyID.isEmpty, !encryptionContext.isEmpty else {
                throw EncryptionSDKError(
                    .invalidConfiguration,
                    "a branch key with a given id needs an encryption context, and the id may not be empty"
                )
            }
            id = branchKeyID
        } else {
            id = UUIDText.text(of: try SystemRandomSource().randomUUID())
        }
        let createTime = clock.now.preciseFormat
        let (version, active) = try await newVersion(
            of: id,
            kmsARN: kmsARN,
            kmsKeyID: kmsKeyID,
            createTime: createTime,
            customContext: encryptionContext
        )
        var beacon = BranchKeyRecord(
            branchKeyID: id,
            kind: .beacon,
            activeVersion: nil,
            kmsARN: kmsARN,
            createTime: createTime,
            customContext: encryptionContext
        )
        beacon.ciphertext = try await generate(for: beacon, kmsKeyID: kmsKeyID)
        try await write([version, active, beacon].map { put($0, if: Self.isNew) }, of: id)
        return id
    }

    // spec: branch-key-store/versionkey
    /// Makes a new version of a branch key, which becomes the active one (VersionKey).
    ///
    /// - Throws: `invalidConfiguration` in discovery; `branchKeyNotFound`, `invalidBranchKeyRecord`; `branchKeyConflict` when
    ///   another writer was faster; `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    public func versionKey(branchKeyID id: String) async throws {
        let kmsKeyID = try kmsKey.keyForWriting()
        let old = try await record(of: id, .active, isConsistent: true)
        // The record may name a replica; what it names stays.
        _ = try kmsKey.keyForReading(old.kmsARN)
        let context = old.encryptionContext(logicalKeyStoreName: logicalKeyStoreName)
        _ = try await reEncrypt(old.ciphertext, from: context, to: context, kmsKeyID: kmsKeyID)
        let (version, active) = try await newVersion(
            of: id,
            kmsARN: old.kmsARN,
            kmsKeyID: kmsKeyID,
            createTime: clock.now.preciseFormat,
            customContext: old.customContext
        )
        let unchanged = DynamoDB.Condition(
            "attribute_exists(#id) AND #enc = :encOld",
            names: [
                "#id": BranchKeyRecord.Attribute.branchKeyID.description,
                "#enc": BranchKeyRecord.Attribute.ciphertext.description,
            ],
            values: [":encOld": .binary(old.ciphertext)]
        )
        try await write([put(version, if: Self.isNew), put(active, if: unchanged)], of: id)
    }

    static let isNew = DynamoDB.Condition(
        "attribute_not_exists(#id)",
        names: ["#id": BranchKeyRecord.Attribute.branchKeyID.description]
    )

    func put(_ record: BranchKeyRecord, if condition: DynamoDB.Condition) -> DynamoDB.Put {
        DynamoDB.Put(tableName: tableName, item: record.item, condition: condition)
    }

    /// Whether a write was cancelled because of another writer: earlier, or in a transaction at the same time.
    private static func isRace(_ reason: String) -> Bool {
        reason == "ConditionalCheckFailed" || reason == "TransactionConflict"
    }

    // spec: branch-key-store/writing-branch-key-and-beacon-key-to-keystore
    private func write(_ puts: [DynamoDB.Put], of id: String) async throws {
        do {
            try await dynamoDB.transactWriteItems(puts)
        } catch let error as AWSServiceError
            where error.code == .transactionCanceled
            && (error.cancellationReasons.isEmpty || error.cancellationReasons.contains(where: Self.isRace))
        {
            throw EncryptionSDKError(
                .branchKeyConflict,
                "the branch key \(TerminalText.quoted(id)) exists already, or was changed by another writer meanwhile: \(error)",
                underlyingError: error
            )
        } catch {
            try await EncryptionSDKError.translating { throw error }
        }
    }

    // spec: branch-key-store/wrapped-branch-key-creation
    /// A new version and the active copy of it.
    private func newVersion(
        of id: String,
        kmsARN: KMSKeyARN,
        kmsKeyID: String,
        createTime: String,
        customContext: EncryptionContext
    ) async throws -> (version: BranchKeyRecord, active: BranchKeyRecord) {
        let uuid = UUIDText.text(of: try SystemRandomSource().randomUUID())
        func record(_ kind: BranchKeyRecord.Kind, activeVersion: String?) -> BranchKeyRecord {
            BranchKeyRecord(
                branchKeyID: id,
                kind: kind,
                activeVersion: activeVersion,
                kmsARN: kmsARN,
                createTime: createTime,
                customContext: customContext
            )
        }
        var version = record(.version(uuid), activeVersion: nil)
        var active = record(.active, activeVersion: uuid)
        version.ciphertext = try await generate(for: version, kmsKeyID: kmsKeyID)
        active.ciphertext = try await reEncrypt(
            version.ciphertext,
            from: version.encryptionContext(logicalKeyStoreName: logicalKeyStoreName),
            to: active.encryptionContext(logicalKeyStoreName: logicalKeyStoreName),
            kmsKeyID: kmsKeyID
        )
        return (version, active)
    }

    private func generate(for record: BranchKeyRecord, kmsKeyID: String) async throws -> [UInt8] {
        let response = try await EncryptionSDKError.translating(about: kmsKeyID) {
            try await kms.generateDataKeyWithoutPlaintext(
                KMS.GenerateDataKeyWithoutPlaintextRequest(
                    keyID: kmsKeyID,
                    numberOfBytes: BranchKeyMaterials.keyLength,
                    encryptionContext: record.encryptionContext(logicalKeyStoreName: logicalKeyStoreName),
                    grantTokens: grantTokens
                )
            )
        }
        try KMS.check(response.keyID, is: kmsKeyID)
        return response.ciphertextBlob
    }

    // spec: branch-key-store/authenticating-a-keystore-item
    private func reEncrypt(
        _ ciphertext: [UInt8],
        from source: EncryptionContext,
        to destination: EncryptionContext,
        kmsKeyID: String
    ) async throws -> [UInt8] {
        let response = try await EncryptionSDKError.translating(about: kmsKeyID) {
            try await kms.reEncrypt(
                KMS.ReEncryptRequest(
                    ciphertextBlob: ciphertext,
                    sourceKeyID: kmsKeyID,
                    sourceEncryptionContext: source,
                    destinationKeyID: kmsKeyID,
                    destinationEncryptionContext: destination,
                    grantTokens: grantTokens
                )
            )
        }
        try KMS.check(response.sourceKeyID, is: kmsKeyID)
        try KMS.check(response.keyID, is: kmsKeyID)
        return response.ciphertextBlob
    }
}
