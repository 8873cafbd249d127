import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A DynamoDB in memory, with the three conditions that a key store uses.
final class StandInDynamoDB: DynamoDBClient {
    struct State {
        var tables: [String: [DynamoDB.KeyAttribute]] = [:]
        var status = "ACTIVE"
        var items: [[String]: DynamoDB.Item] = [:]
        var calls: [String] = []
        var failures: [String: AWSServiceError.Code] = [:]
        /// Why each write of the next transaction is cancelled, whatever its condition.
        var cancellation: [String]?
        var consistentReads = 0
        /// Runs once, just before the next write is judged: another writer who is faster.
        var beforeWrite: (@Sendable (inout State) -> Void)?
    }

    private let state = Guarded(State())

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    var calls: [String] { state.withLock { $0.calls } }
    var consistentReads: Int { state.withLock { $0.consistentReads } }
    var items: [DynamoDB.Item] { state.withLock { Array($0.items.values) } }

    func schema(of table: String) -> [DynamoDB.KeyAttribute]? { state.withLock { $0.tables[table] } }

    func item(_ id: String, _ type: String) -> DynamoDB.Item? { state.withLock { $0.items[[id, type]] } }
    func set(_ item: DynamoDB.Item) { state.withLock { $0.items[Self.key(item)] = item } }

    static func key(_ item: DynamoDB.Item) -> [String] {
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

    func getItem(_ request: DynamoDB.GetItemRequest) async throws -> DynamoDB.Item? {
        try begin("GetItem")
        return state.withLock { state in
            if request.consistentRead { state.consistentReads += 1 }
            return state.items[Self.key(request.key)]
        }
    }

    func putItem(_ request: DynamoDB.Put) async throws {
        try begin("PutItem")
        let done = state.withLock { state in
            guard Self.holds(request.condition, of: state.items[Self.key(request.item)]) else { return false }
            state.items[Self.key(request.item)] = request.item
            return true
        }
        if !done { throw error(.conditionalCheckFailed, "PutItem") }
    }

    func transactWriteItems(_ puts: [DynamoDB.Put]) async throws {
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

    func query(_ request: DynamoDB.QueryRequest) async throws -> [DynamoDB.Item] {
        try begin("Query")
        return []
    }

    func describeTable(name: String) async throws -> DynamoDB.TableDescription {
        try begin("DescribeTable")
        return try state.withLock { state in
            guard let schema = state.tables[name] else { throw error(.resourceNotFound, "DescribeTable") }
            let status = state.status
            state.status = "ACTIVE"
            return DynamoDB.TableDescription(arn: "arn:\(name)", status: status, keySchema: schema)
        }
    }

    func createTable(_ request: DynamoDB.CreateTableRequest) async throws -> DynamoDB.TableDescription {
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
