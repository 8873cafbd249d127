public import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

/// Amazon DynamoDB over its JSON protocol, as far as a key store needs it.
///
/// Requests of one client share the transport's connections and an allowance for retries, and may run at the same time.
/// Making a client calls nothing.
public struct AWSDynamoDBClient: DynamoDBClient {
    /// The region that the client calls.
    public let region: String?
    let caller: JSONServiceCaller
    let configuration: AWSClientConfiguration

    /// A client.
    ///
    /// - Parameter configuration: what it needs to know; the region must be among it.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public init(_ configuration: AWSClientConfiguration) throws {
        _ = try configuration.endpoint(for: .dynamoDB)
        region = configuration.region
        self.configuration = configuration
        // It serves key stores only, whose requests to KMS say the same.
        caller = JSONServiceCaller(.dynamoDB, configuration, userAgentSuffix: "aws-kms-hierarchy")
    }
}

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

extension AWSDynamoDBClient {
    /// What DynamoDB knows of a table.
    ///
    /// - Parameter name: the table's name.
    /// - Returns: its ARN, state and key schema.
    /// - Throws: `AWSServiceError`, with code `resourceNotFound` when there is none of this name; or
    ///   `CancellationError`.
    public func describeTable(name: String) async throws -> DynamoDB.TableDescription {
        let answer = try await caller.call("DescribeTable", ["TableName": .string(name)])
        return try Self.description(answer.members["Table"], in: answer)
    }

    /// Makes a table that is billed by request.
    ///
    /// When an answer is lost, a repetition may find its own table and report `resourceInUse`.
    ///
    /// - Parameter request: its name and key schema.
    /// - Returns: what is known of it; it may not be active yet.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func createTable(_ request: DynamoDB.CreateTableRequest) async throws -> DynamoDB.TableDescription {
        let schema = request.keySchema.map { attribute -> JSONValue in
            ["AttributeName": .string(attribute.name), "KeyType": .string(attribute.role.rawValue)]
        }
        let definitions = request.keySchema.map { attribute -> JSONValue in
            ["AttributeName": .string(attribute.name), "AttributeType": .string(attribute.type.rawValue)]
        }
        let answer = try await caller.call(
            "CreateTable",
            [
                "TableName": .string(request.tableName),
                "KeySchema": .array(schema),
                "AttributeDefinitions": .array(definitions),
                "BillingMode": "PAY_PER_REQUEST",
            ]
        )
        return try Self.description(answer.members["TableDescription"], in: answer)
    }

    private static func description(
        _ value: JSONValue?,
        in answer: JSONAnswer
    ) throws(AWSServiceError) -> DynamoDB.TableDescription {
        guard let table = value?.object, let arn = table["TableArn"]?.string,
            let status = table["TableStatus"]?.string, let schema = table["KeySchema"]?.array
        else { throw answer.broken("has no table with an ARN, a status and a key schema") }
        let definitions = table["AttributeDefinitions"]?.array ?? []
        var attributes: [DynamoDB.KeyAttribute] = []
        for element in schema {
            guard let name = element["AttributeName"]?.string,
                let role = element["KeyType"]?.string.flatMap(DynamoDB.KeyAttribute.Role.init),
                let definition = definitions.first(where: { $0["AttributeName"]?.string == name }),
                let type = definition["AttributeType"]?.string.flatMap(DynamoDB.KeyAttribute.ValueType.init)
            else { throw answer.broken("has a key schema that cannot be read") }
            attributes.append(DynamoDB.KeyAttribute(name: name, role: role, type: type))
        }
        return DynamoDB.TableDescription(arn: arn, status: status, keySchema: attributes)
    }
}
