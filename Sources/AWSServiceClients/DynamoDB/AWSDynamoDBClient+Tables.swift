public import AWSMaterialProviders
internal import StrictJSON

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
