import ESDKSystem

/// What a key store holds of a branch key, but for the keys.
package struct BranchKeyListing: Sendable {
    /// An item of the table.
    package struct Item: Sendable {
        /// The version; nil for a beacon key.
        package let version: String?
        /// When it was made, as it is stored.
        package let createTime: String
        /// The AWS KMS key that it is encrypted under.
        package let kmsARN: String
        /// The length of the encrypted key in bytes.
        package let ciphertextLength: Int
    }

    /// The version that new data keys are wrapped under; nil where the item is missing.
    package let active: Item?
    /// All versions, the oldest first.
    package let versions: [Item]
    /// The beacon key; nil where there is none.
    package let beacon: Item?
    /// The caller's pairs that are bound to the branch key.
    package let encryptionContext: EncryptionContext
}

extension KeyStore {
    /// What the table holds of a branch key; AWS KMS is not asked.
    ///
    /// - Throws: `branchKeyNotFound`, `invalidBranchKeyRecord`, `awsAccessDenied`, `awsUnavailable`, `awsRefusal`;
    ///   `CancellationError`.
    package func listing(branchKeyID id: String) async throws -> BranchKeyListing {
        let items = try await EncryptionSDKError.translating(about: "branch key \(TerminalText.quoted(id))") {
            try await dynamoDB.query(
                DynamoDB.QueryRequest(
                    tableName: tableName,
                    keyCondition: DynamoDB.Condition(
                        "#id = :id",
                        names: ["#id": BranchKeyRecord.Attribute.branchKeyID.description],
                        values: [":id": .string(id)]
                    ),
                    consistentRead: true
                )
            )
        }
        guard !items.isEmpty else {
            throw EncryptionSDKError(
                .branchKeyNotFound,
                "the table \(tableName) holds no branch key \(TerminalText.quoted(id))"
            )
        }
        var records: [BranchKeyRecord] = []
        for item in items {
            guard case .string(let type)? = item[BranchKeyRecord.Attribute.type],
                let kind = BranchKeyRecord.Kind(text: type)
            else {
                throw EncryptionSDKError(
                    .invalidBranchKeyRecord,
                    "the branch key \(TerminalText.quoted(id)) has an item of a type that is not known"
                )
            }
            records.append(try BranchKeyRecord(item, branchKeyID: id, kind: kind))
        }
        func listed(_ isIncluded: (BranchKeyRecord.Kind) -> Bool) -> [BranchKeyListing.Item] {
            records.filter { isIncluded($0.kind) }.map { record in
                BranchKeyListing.Item(
                    version: record.version,
                    createTime: record.createTime,
                    kmsARN: record.kmsARN.description,
                    ciphertextLength: record.ciphertext.count
                )
            }
        }
        return BranchKeyListing(
            active: listed { $0 == .active }.first,
            versions: listed { if case .version = $0 { true } else { false } }.sorted { $0.createTime < $1.createTime },
            beacon: listed { $0 == .beacon }.first,
            encryptionContext: records.first?.customContext ?? EncryptionContext()
        )
    }
}
