import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSServiceClients

/// The DynamoDB client against a server that evaluates its expressions.
@Suite(.enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)))
struct LocalDynamoDBTests {
    private let client: AWSDynamoDBClient
    private let table: String

    private static let schema = [
        DynamoDB.KeyAttribute(name: "branch-key-id", role: .hash), DynamoDB.KeyAttribute(name: "type", role: .range),
    ]

    init() throws {
        client = try AWSDynamoDBClient(LocalAWS.configuration())
        table = "test-" + Hex.encode(try SystemRandomSource().bytes(8))
    }

    private func put(_ type: String, value: UInt8, _ condition: DynamoDB.Condition?) -> DynamoDB.Put {
        DynamoDB.Put(
            tableName: table,
            item: ["branch-key-id": .string("b"), "type": .string(type), "enc": .binary([value])],
            condition: condition
        )
    }

    private static let isNew = DynamoDB.Condition("attribute_not_exists(#id)", names: ["#id": "branch-key-id"])

    private static func isOld(_ value: UInt8) -> DynamoDB.Condition {
        DynamoDB.Condition(
            "attribute_exists(#id) AND #enc = :old",
            names: ["#id": "branch-key-id", "#enc": "enc"],
            values: [":old": .binary([value])]
        )
    }

    @Test func aTableIsMadeAndDescribed() async throws {
        await #expect(throws: AWSServiceError(.resourceNotFound, "", service: "", operation: "")) {
            try await client.describeTable(name: table)
        }
        let made = try await client.createTable(DynamoDB.CreateTableRequest(tableName: table, keySchema: Self.schema))
        let described = try await client.describeTable(name: table)
        #expect(described.arn == made.arn)
        #expect(described.keySchema == Self.schema)
        await #expect(throws: AWSServiceError(.resourceInUse, "", service: "", operation: "")) {
            try await client.createTable(DynamoDB.CreateTableRequest(tableName: table, keySchema: Self.schema))
        }
    }

    @Test func itemsAreWrittenUnderTheirConditionsOnly() async throws {
        _ = try await client.createTable(DynamoDB.CreateTableRequest(tableName: table, keySchema: Self.schema))
        try await client.transactWriteItems([put("a", value: 1, Self.isNew), put("b", value: 1, Self.isNew)])
        let refused = await #expect(throws: AWSServiceError.self) {
            try await client.transactWriteItems([put("c", value: 1, Self.isNew), put("a", value: 2, Self.isOld(9))])
        }
        #expect(refused?.code == .transactionCanceled)
        #expect(refused?.cancellationReasons == ["None", "ConditionalCheckFailed"])
        try await client.putItem(put("a", value: 2, Self.isOld(1)))
        await #expect(throws: AWSServiceError(.conditionalCheckFailed, "", service: "", operation: "")) {
            try await client.putItem(put("a", value: 3, Self.isNew))
        }
        let item = try await client.getItem(
            DynamoDB.GetItemRequest(tableName: table, key: ["branch-key-id": .string("b"), "type": .string("a")])
        )
        #expect(item?["enc"] == .binary([2]))
        let none = try await client.getItem(
            DynamoDB.GetItemRequest(tableName: table, key: ["branch-key-id": .string("b"), "type": .string("c")])
        )
        #expect(none == nil)
        let all = try await client.query(
            DynamoDB.QueryRequest(
                tableName: table,
                keyCondition: DynamoDB.Condition(
                    "#id = :id",
                    names: ["#id": "branch-key-id"],
                    values: [":id": .string("b")]
                )
            )
        )
        #expect(all.map { $0["type"] } == [.string("a"), .string("b")])
    }
}
