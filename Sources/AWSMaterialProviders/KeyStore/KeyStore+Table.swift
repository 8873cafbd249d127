package import ESDKSystem

extension KeyStore {
    private static let keySchema = [
        DynamoDB.KeyAttribute(name: BranchKeyRecord.Attribute.branchKeyID.description, role: .hash),
        DynamoDB.KeyAttribute(name: BranchKeyRecord.Attribute.type.description, role: .range),
    ]

    // spec: branch-key-store/createkeystore
    /// Makes the table unless it is there (CreateKeyStore), and waits until it can be used.
    ///
    /// - Parameter timeout: how long to wait for the table to become active.
    /// - Returns: the ARN of the table.
    /// - Throws: `invalidConfiguration` when the table is there with another primary key; `awsAccessDenied`, `awsUnavailable` (also
    ///   when the table does not become active in time), `awsRefusal`; `CancellationError`.
    @discardableResult
    public func createKeyStore(waitingUpTo timeout: Duration = .seconds(120)) async throws -> String {
        try await createKeyStore(waitingUpTo: timeout, clock: SystemTimeSource())
    }

    package func createKeyStore(waitingUpTo timeout: Duration, clock: any TimeSource) async throws -> String {
        let deadline = clock.uptime + timeout
        var table = try await describeTable()
        if table == nil { table = try await createTable() }
        while true {
            if let table {
                guard Set(table.keySchema) == Set(Self.keySchema) else {
                    throw EncryptionSDKError(
                        .invalidConfiguration,
                        "the table \(tableName) is there with another primary key than the texts branch-key-id (HASH) and type (RANGE)"
                    )
                }
                if table.status == "ACTIVE" { return table.arn }
            }
            guard clock.uptime < deadline else {
                throw EncryptionSDKError(
                    .awsUnavailable,
                    "the table \(tableName) is still \(table?.status ?? "not to be seen") after \(timeout)"
                )
            }
            try await clock.sleep(for: .seconds(1))
            table = try await describeTable()
        }
    }

    /// The table; nil when it is not there, or not yet to be seen.
    private func describeTable() async throws -> DynamoDB.TableDescription? {
        try await EncryptionSDKError.translating {
            do {
                return try await dynamoDB.describeTable(name: tableName)
            } catch let error as AWSServiceError where error.code == .resourceNotFound {
                return nil
            }
        }
    }

    // spec: branch-key-store/keyschema
    /// The new table; nil when another caller has just made it, or an attempt of this one whose answer was lost.
    private func createTable() async throws -> DynamoDB.TableDescription? {
        try await EncryptionSDKError.translating {
            do {
                return try await dynamoDB.createTable(
                    DynamoDB.CreateTableRequest(tableName: tableName, keySchema: Self.keySchema)
                )
            } catch let error as AWSServiceError where error.code == .resourceInUse {
                return nil
            }
        }
    }
}
