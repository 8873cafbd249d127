import AWSMaterialProviders
import TestSupport
import Testing

@testable import AWSServiceClients

/// What the DynamoDB client sends, and how it reads the answers.
struct DynamoDBRequestTests {
    private static let key: DynamoDB.Item = ["type": .string("branch:ACTIVE"), "branch-key-id": .string("b")]
    private static let put = DynamoDB.Put(
        tableName: "T",
        item: ["type": .string("t"), "enc": .binary([1]), "hierarchy-version": .number("1")],
        condition: DynamoDB.Condition(
            "attribute_exists(#id) AND #enc = :old",
            names: ["#id": "branch-key-id", "#enc": "enc"],
            values: [":old": .binary([2])]
        )
    )
    private static let putMembers =
        #""TableName":"T","Item":{"enc":{"B":"AQ=="},"hierarchy-version":{"N":"1"},"type":{"S":"t"}},"#
        + #""ConditionExpression":"attribute_exists(#id) AND #enc = :old","#
        + ##""ExpressionAttributeNames":{"#enc":"enc","#id":"branch-key-id"},"##
        + #""ExpressionAttributeValues":{":old":{"B":"Ag=="}}"#

    @Test func getItem() async throws {
        let service = try ScriptedService([
            .answer(
                status: 200,
                // zlib.crc32 of the body.
                fields: ["x-amz-crc32": "414069877"],
                body: #"{"Item":{"a":{"S":"x"},"b":{"B":"AQI="},"c":{"N":"1"},"d":{"L":[]},"e":{"NULL":true}}}"#
            ),
            .answer(status: 200, fields: ["x-amz-crc32": "2745614147"], body: "{}"),
        ])
        defer { service.server.stop() }
        let client = try service.dynamoDB
        let item = try await client.getItem(DynamoDB.GetItemRequest(tableName: "T", key: Self.key))
        #expect(
            item == [
                "a": .string("x"), "b": .binary([1, 2]), "c": .number("1"), "d": .unsupported(type: "L"), "e": .null,
            ]
        )
        let none = try await client.getItem(
            DynamoDB.GetItemRequest(tableName: "T", key: Self.key, consistentRead: true)
        )
        #expect(none == nil)
        let requests = service.server.requests
        #expect(requests.first?.field("X-Amz-Target") == "DynamoDB_20120810.GetItem")
        #expect(requests.first?.field("Content-Type") == "application/x-amz-json-1.0")
        #expect(requests.first?.field("User-Agent")?.hasSuffix(" aws-kms-hierarchy") == true)
        #expect(requests.first?.field("Authorization")?.contains("/us-west-2/dynamodb/aws4_request") == true)
        let key = #""TableName":"T","Key":{"branch-key-id":{"S":"b"},"type":{"S":"branch:ACTIVE"}}"#
        #expect(requests.map(\.body) == ["{\(key)}", "{\(key),\"ConsistentRead\":true}"])
    }

    @Test func anAnswerThatBeliesItsChecksumIsTriedFourTimes() async throws {
        let service = try ScriptedService([.answer(status: 200, fields: ["x-amz-crc32": "1"], body: "{}")])
        defer { service.server.stop() }
        let client = try service.dynamoDB
        let error = await #expect(throws: AWSServiceError.self) {
            try await client.getItem(DynamoDB.GetItemRequest(tableName: "T", key: Self.key))
        }
        #expect(error?.code == .invalidResponse)
        #expect(error?.attempts == 4)
        #expect(service.clock.sleeps == [.milliseconds(25), .milliseconds(50), .milliseconds(100)])
    }

    @Test func aRefusalThatBeliesItsChecksumIsTriedAgain() async throws {
        let service = try ScriptedService([
            .error("ConditionalCheckFailedException", fields: ["x-amz-crc32": "1"]),
            .error("ConditionalCheckFailedException"),
        ])
        defer { service.server.stop() }
        let client = try service.dynamoDB
        let error = await #expect(throws: AWSServiceError.self) { try await client.putItem(Self.put) }
        #expect(error?.code == .conditionalCheckFailed)
        #expect(error?.attempts == 2)
    }

    @Test func putItem() async throws {
        let service = try ScriptedService([.error("ConditionalCheckFailedException", message: "No")])
        defer { service.server.stop() }
        let client = try service.dynamoDB
        let error = await #expect(throws: AWSServiceError.self) { try await client.putItem(Self.put) }
        #expect(error?.code == .conditionalCheckFailed)
        #expect(error?.attempts == 1)
        #expect(service.server.requests.map(\.body) == ["{\(Self.putMembers)}"])
    }

    @Test func aTransactionKeepsItsTokenOverAllAttempts() async throws {
        let service = try ScriptedService([
            .close, .error("InternalServerError", status: 500), .answer(status: 200, body: "{}"),
        ])
        defer { service.server.stop() }
        try await service.dynamoDB.transactWriteItems([Self.put, Self.put])
        let bodies = service.server.requests.map(\.body)
        #expect(bodies.count == 3)
        #expect(Set(bodies).count == 1)
        // The id of 16 bytes 0xFF, with the version and variant of a random UUID.
        #expect(
            bodies.first
                == #"{"TransactItems":[{"Put":{\#(Self.putMembers)}},{"Put":{\#(Self.putMembers)}}],"#
                + #""ClientRequestToken":"ffffffff-ffff-4fff-bfff-ffffffffffff"}"#
        )
    }

    @Test func aCancelledTransactionSaysWhichWriteWasToBlame() async throws {
        let service = try ScriptedService([
            .answer(
                status: 400,
                body: #"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"no","#
                    + #""CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"m"}]}"#
            )
        ])
        defer { service.server.stop() }
        let client = try service.dynamoDB
        let error = await #expect(throws: AWSServiceError.self) { try await client.transactWriteItems([Self.put]) }
        #expect(error?.code == .transactionCanceled)
        #expect(error?.cancellationReasons == ["None", "ConditionalCheckFailed"])
        #expect(error?.attempts == 1)
    }

    @Test func aQueryReadsAllPages() async throws {
        let service = try ScriptedService([
            .answer(status: 200, body: #"{"Items":[{"a":{"S":"1"}}],"LastEvaluatedKey":{"a":{"S":"1"}}}"#),
            .answer(status: 200, body: #"{"Items":[],"LastEvaluatedKey":{"a":{"S":"2"}}}"#),
            .answer(status: 200, body: #"{"Items":[{"a":{"S":"3"}}]}"#),
        ])
        defer { service.server.stop() }
        let items = try await service.dynamoDB.query(
            DynamoDB.QueryRequest(
                tableName: "T",
                keyCondition: DynamoDB.Condition("#a = :a", names: ["#a": "a"], values: [":a": .string("x")])
            )
        )
        #expect(items == [["a": .string("1")], ["a": .string("3")]])
        let first =
            ##"{"TableName":"T","KeyConditionExpression":"#a = :a","ExpressionAttributeNames":{"#a":"a"},"##
            + #""ExpressionAttributeValues":{":a":{"S":"x"}}"#
        #expect(
            service.server.requests.map(\.body) == [
                "\(first)}", #"\#(first),"ExclusiveStartKey":{"a":{"S":"1"}}}"#,
                #"\#(first),"ExclusiveStartKey":{"a":{"S":"2"}}}"#,
            ]
        )
    }

    @Test func tables() async throws {
        let table =
            #"{"TableArn":"arn","TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"i","KeyType":"HASH"},"#
            + #"{"AttributeName":"t","KeyType":"RANGE"}],"AttributeDefinitions":[{"AttributeName":"other","#
            + #""AttributeType":"B"},{"AttributeName":"t","AttributeType":"N"},{"AttributeName":"i","AttributeType":"S"}]}"#
        let service = try ScriptedService([
            .answer(status: 200, body: #"{"Table":\#(table)}"#),
            .answer(status: 200, body: #"{"TableDescription":\#(table)}"#),
            .error("ResourceNotFoundException"),
        ])
        defer { service.server.stop() }
        let client = try service.dynamoDB
        let schema = [
            DynamoDB.KeyAttribute(name: "i", role: .hash), DynamoDB.KeyAttribute(name: "t", role: .range),
        ]
        let described = try await client.describeTable(name: "T")
        #expect(described.arn == "arn")
        #expect(described.keySchema == [schema[0], DynamoDB.KeyAttribute(name: "t", role: .range, type: .number)])
        let made = try await client.createTable(DynamoDB.CreateTableRequest(tableName: "T", keySchema: schema))
        #expect(made.status == "ACTIVE")
        await #expect(throws: AWSServiceError(.resourceNotFound, "", service: "", operation: "")) {
            try await client.describeTable(name: "T")
        }
        #expect(
            service.server.requests.map(\.body).dropFirst().first
                == #"{"TableName":"T","KeySchema":[{"AttributeName":"i","KeyType":"HASH"},"#
                + #"{"AttributeName":"t","KeyType":"RANGE"}],"AttributeDefinitions":[{"AttributeName":"i","#
                + #""AttributeType":"S"},{"AttributeName":"t","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}"#
        )
    }

    @Test func attributesThatUnicodeTakesForOneStayTwo() async throws {
        let body = "{\"Item\":{\"\u{E9}\":{\"S\":\"x\"},\"e\u{301}\":{\"S\":\"y\"}}}"
        let service = try ScriptedService([.answer(status: 200, body: body)])
        defer { service.server.stop() }
        let item = try await service.dynamoDB.getItem(DynamoDB.GetItemRequest(tableName: "T", key: Self.key))
        #expect(item == ["\u{E9}": .string("x"), "e\u{301}": .string("y")])
    }

    @Test(arguments: [
        #"{"Item":[]}"#, #"{"Item":{"a":"x"}}"#, #"{"Item":{"a":{}}}"#, #"{"Item":{"a":{"S":1}}}"#,
        #"{"Item":{"a":{"B":"Y"}}}"#, #"{"Item":{"a":{"S":"x","N":"1"}}}"#,
    ])
    func anItemThatIsNoneIsRefused(body: String) async throws {
        let service = try ScriptedService([.answer(status: 200, body: body)])
        defer { service.server.stop() }
        let client = try service.dynamoDB
        let error = await #expect(throws: AWSServiceError.self) {
            try await client.getItem(DynamoDB.GetItemRequest(tableName: "T", key: Self.key))
        }
        #expect(error?.code == .invalidResponse)
    }
}
