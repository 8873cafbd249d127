public import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

extension AWSDynamoDBClient {
    /// The most pages that a query reads: each holds up to 1 MB, so that an endless answer ends.
    private static let maximumPages = 1000

    /// One item.
    ///
    /// - Parameter request: the table and the primary key.
    /// - Returns: the item, or nil when there is none with this key.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func getItem(_ request: DynamoDB.GetItemRequest) async throws -> DynamoDB.Item? {
        var input: JSONObject = ["TableName": .string(request.tableName)]
        input["Key"] = try AttributeCoding.encode(request.key, operation: "GetItem")
        if request.consistentRead { input["ConsistentRead"] = true }
        let answer = try await caller.call("GetItem", input)
        guard let value = answer.members["Item"], !value.isNull else { return nil }
        return try AttributeCoding.decode(value, in: answer)
    }

    /// Writes one item.
    ///
    /// When an answer is lost, a repetition may find its own write and report it as a failed condition.
    ///
    /// - Parameter request: the table, the item and what must hold.
    /// - Throws: `AWSServiceError`, with code `conditionalCheckFailed` when the condition does not hold; or
    ///   `CancellationError`.
    public func putItem(_ request: DynamoDB.Put) async throws {
        _ = try await caller.call("PutItem", try AttributeCoding.encode(request, operation: "PutItem"))
    }

    /// Writes all items or none.
    ///
    /// One request token is used for all attempts, so that a repetition of a transaction that was carried out succeeds.
    ///
    /// - Parameter puts: the writes, 1 to 100.
    /// - Throws: `AWSServiceError`, with code `transactionCanceled` when a condition does not hold; or
    ///   `CancellationError`.
    public func transactWriteItems(_ puts: [DynamoDB.Put]) async throws {
        var actions: [JSONValue] = []
        for put in puts {
            let action = try AttributeCoding.encode(put, operation: "TransactWriteItems")
            actions.append(["Put": .object(action)])
        }
        let token = try RequestID.make(from: configuration.random)
        _ = try await caller.call(
            "TransactWriteItems",
            ["TransactItems": .array(actions), "ClientRequestToken": .string(token)]
        )
    }

    /// All items that fit, over all pages.
    ///
    /// - Parameter request: the table and what must hold of the primary key.
    /// - Returns: the items in the order of the sort key.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func query(_ request: DynamoDB.QueryRequest) async throws -> [DynamoDB.Item] {
        var input: JSONObject = [
            "TableName": .string(request.tableName),
            "KeyConditionExpression": .string(request.keyCondition.expression),
        ]
        try AttributeCoding.add(request.keyCondition, to: &input, operation: "Query")
        if request.consistentRead { input["ConsistentRead"] = true }
        var items: [DynamoDB.Item] = []
        for _ in 0..<Self.maximumPages {
            let answer = try await caller.call("Query", input)
            for value in answer.members["Items"]?.array ?? [] {
                items.append(try AttributeCoding.decode(value, in: answer))
            }
            guard let next = answer.members["LastEvaluatedKey"], !next.isNull else { return items }
            input["ExclusiveStartKey"] = next
        }
        throw AWSServiceError(
            .invalidResponse,
            "the answer goes on for more than \(Self.maximumPages) pages",
            service: ServiceDescription.dynamoDB.name,
            operation: "Query"
        )
    }
}
