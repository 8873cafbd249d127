package import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A DynamoDB in memory, with the three conditions that a key store uses.
package final class StandInDynamoDB: DynamoDBClient {
    package struct State {
        package var tables: [String: [DynamoDB.KeyAttribute]] = [:]
        package var status = "ACTIVE"
        package var items: [[String]: DynamoDB.Item] = [:]
        package var calls: [String] = []
        package var failures: [String: AWSServiceError.Code] = [:]
        /// Why each write of the next transaction is cancelled, whatever its condition.
        package var cancellation: [String]?
        package var consistentReads = 0
        /// Runs once, just before the next write is judged: another writer who is faster.
        package var beforeWrite: (@Sendable (inout State) -> Void)?
    }

    private let state = Guarded(State())

    package init() {}

    package func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    package var calls: [String] { state.withLock { $0.calls } }
    package var consistentReads: Int { state.withLock { $0.consistentReads } }
    package var items: [DynamoDB.Item] { state.withLock { Array($0.items.values) } }

    package func schema(of table: String) -> [DynamoDB.KeyAttribute]? { state.withLock { $0.tables[table] } }

    package func item(_ id: String, _ type: String) -> DynamoDB.Item? { state.withLock { $0.items[[id, type]] } }
    package func set(_ item: DynamoDB.Item) { state.withLock { $0.items[Self.key(item)] = item } }

    package static func key(_ item: DynamoDB.Item) -> [String] {
        ["branch-key-id", "type"].map { (name: DynamoDB.AttributeName) in
            if case .string(let text)? = item[name] { text } else { "" }
        }
    }

    private func error(_ code: AWSServiceError.Code, _ operation: String, _ reasons: [String] = []) -> AWSServiceError {
        AWSServiceError(code, "stand-in", service: "DynamoDB", operation: operation, cancellationReasons: reasons)
    }

    private func begin(_ operation: String) throws {
        let failure = state.withLock { state in
            state.calls.append(operation)
            return state.failures[operation]
        }
        if let failure { throw error(failure, operation) }
    }

    private static func holds(_ condition: DynamoDB.Condition?, of item: DynamoDB.Item?) -> Bool {
        switch condition?.expression {
        case nil: true
        case "attribute_not_exists(#id)": item == nil
        case "attribute_exists(#id) AND #enc = :encOld": item != nil && item?["enc"] == condition?.values[":encOld"]
        default: false
        }
    }

    package func getItem(_ request: DynamoDB.GetItemRequest) async throws -> DynamoDB.Item? {
        try begin("GetItem")
        return state.withLock { state in
            if request.consistentRead { state.consistentReads += 1 }
            return state.items[Self.key(request.key)]
        }
    }

    package func putItem(_ request: DynamoDB.Put) async throws {
        try begin("PutItem")
        let done = state.withLock { state in
            guard Self.holds(request.condition, of: state.items[Self.key(request.item)]) else { return false }
            state.items[Self.key(request.item)] = request.item
            return true
        }
        if !done { throw error(.conditionalCheckFailed, "PutItem") }
    }

    package func transactWriteItems(_ puts: [DynamoDB.Put]) async throws {
        try begin("TransactWriteItems")
        let reasons: [String] = state.withLock { state in
            if let before = state.beforeWrite {
                state.beforeWrite = nil
                before(&state)
            }
            if let cancellation = state.cancellation { return cancellation }
            let reasons = puts.map { put in
                Self.holds(put.condition, of: state.items[Self.key(put.item)]) ? "None" : "ConditionalCheckFailed"
            }
            guard reasons.allSatisfy({ $0 == "None" }) else { return reasons }
            for put in puts { state.items[Self.key(put.item)] = put.item }
            return []
        }
        if !reasons.isEmpty { throw error(.transactionCanceled, "TransactWriteItems", reasons) }
    }

    package func query(_ request: DynamoDB.QueryRequest) async throws -> [DynamoDB.Item] {
        try begin("Query")
        return []
    }

    package func describeTable(name: String) async throws -> DynamoDB.TableDescription {
        try begin("DescribeTable")
        return try state.withLock { state in
            guard let schema = state.tables[name] else { throw error(.resourceNotFound, "DescribeTable") }
            let status = state.status
            state.status = "ACTIVE"
            return DynamoDB.TableDescription(arn: "arn:\(name)", status: status, keySchema: schema)
        }
    }

    package func createTable(_ request: DynamoDB.CreateTableRequest) async throws -> DynamoDB.TableDescription {
        try begin("CreateTable")
        return state.withLock { state in
            state.tables[request.tableName] = request.keySchema
            return DynamoDB.TableDescription(
                arn: "arn:\(request.tableName)",
                status: "CREATING",
                keySchema: request.keySchema
            )
        }
    }
}
