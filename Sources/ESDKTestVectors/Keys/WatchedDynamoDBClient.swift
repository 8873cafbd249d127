import AWSMaterialProviders

/// A DynamoDB client that tells of every failure before it passes it on.
struct WatchedDynamoDBClient: DynamoDBClient {
    let client: any DynamoDBClient
    let watch: ConnectionWatch

    func getItem(_ request: DynamoDB.GetItemRequest) async throws -> DynamoDB.Item? {
        try await watch.watching { try await client.getItem(request) }
    }

    func putItem(_ request: DynamoDB.Put) async throws {
        try await watch.watching { try await client.putItem(request) }
    }

    func transactWriteItems(_ puts: [DynamoDB.Put]) async throws {
        try await watch.watching { try await client.transactWriteItems(puts) }
    }

    func query(_ request: DynamoDB.QueryRequest) async throws -> [DynamoDB.Item] {
        try await watch.watching { try await client.query(request) }
    }

    func describeTable(name: String) async throws -> DynamoDB.TableDescription {
        try await watch.watching { try await client.describeTable(name: name) }
    }

    func createTable(_ request: DynamoDB.CreateTableRequest) async throws -> DynamoDB.TableDescription {
        try await watch.watching { try await client.createTable(request) }
    }
}
