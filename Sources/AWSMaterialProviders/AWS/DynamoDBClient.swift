/// Calls DynamoDB: what the key store needs of it.
///
/// The product `AWSServiceClients` has one that speaks to AWS. Every operation throws `AWSServiceError` when the service refuses
/// or cannot be reached, and `CancellationError` when the calling task is cancelled; retries are up to the client.
public protocol DynamoDBClient: Sendable {
    /// One item; nil when there is none with this key.
    func getItem(_ request: DynamoDB.GetItemRequest) async throws -> DynamoDB.Item?

    /// Writes one item.
    ///
    /// - Throws: `AWSServiceError` with the code `conditionalCheckFailed` when the condition does not hold.
    func putItem(_ request: DynamoDB.Put) async throws

    /// Writes all items or none; one request token is used for all attempts.
    ///
    /// - Throws: `AWSServiceError` with the code `transactionCanceled` when a condition does not hold.
    func transactWriteItems(_ puts: [DynamoDB.Put]) async throws

    /// All items that fit, over all pages, in the order of the sort key.
    func query(_ request: DynamoDB.QueryRequest) async throws -> [DynamoDB.Item]

    /// What DynamoDB knows of a table.
    ///
    /// - Throws: `AWSServiceError` with the code `resourceNotFound` when there is none of this name.
    func describeTable(name: String) async throws -> DynamoDB.TableDescription

    /// Makes a table; it may not be active yet when this returns.
    func createTable(_ request: DynamoDB.CreateTableRequest) async throws -> DynamoDB.TableDescription
}
