import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// Tells a service that is gone from one request that went wrong, for all clients of a run.
///
/// After a failure that may mean either, the service is asked again; failures of many tests at the same time share one question.
final class ConnectionWatch: Sendable {
    private struct State {
        var reason: String?
        var inquiry: Task<Void, Never>?
    }

    private let patience: Duration
    private let ask: @Sendable () async throws -> Void
    private let state = Guarded(State())

    /// A watch.
    ///
    /// - Parameters:
    ///   - patience: how long an answer may take; the failure before it has taken its own time already.
    ///   - ask: returns when the service answers, and throws when it does not.
    init(patience: Duration = .seconds(10), ask: @escaping @Sendable () async throws -> Void) {
        self.patience = patience
        self.ask = ask
    }

    /// Why the service no longer answers; `nil` as long as it does.
    var reason: String? { state.withLock { $0.reason } }

    /// Takes note of a failure; returns when it is known what it means.
    func note(_ error: AWSServiceError) async {
        guard !AWSAnswer.isOne(error) else { return }
        let inquiry: Task<Void, Never>? = state.withLock { state in
            guard state.reason == nil else { return nil }
            if let running = state.inquiry { return running }
            let inquiry = Task { await self.inquire(after: error) }
            state.inquiry = inquiry
            return inquiry
        }
        guard let inquiry else { return }
        await withTaskCancellationHandler {
            await inquiry.value
        } onCancel: {
            inquiry.cancel()
        }
    }

    /// Makes a call, and takes note of its failure before it passes it on.
    func watching<Response>(_ call: () async throws -> Response) async throws -> Response {
        do {
            return try await call()
        } catch let error as AWSServiceError {
            await note(error)
            throw error
        }
    }

    private func inquire(after error: AWSServiceError) async {
        var isSilent: Bool
        do {
            isSilent = try await !answersInTime()
        } catch is CancellationError {
            isSilent = false
        } catch {
            isSilent = true
        }
        state.withLock { state in
            if isSilent { state.reason = error.description }
            state.inquiry = nil
        }
    }

    private func answersInTime() async throws -> Bool {
        let (ask, patience) = (ask, patience)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await ask()
                return true
            }
            group.addTask {
                try await Task.sleep(for: patience)
                return false
            }
            let first = try await group.next()
            group.cancelAll()
            return first ?? false
        }
    }
}

/// What an error of AWS says about the service.
enum AWSAnswer {
    /// Whether KMS or DynamoDB answered, even with a refusal.
    ///
    /// It did not if nothing or another service is at the endpoint, or if it rejects the credentials.
    static func isOne(_ error: AWSServiceError) -> Bool {
        switch EncryptionSDKError(error).code {
        case .awsAccessDenied, .awsRefusal: true
        default: temporaryFaults.contains(error.code.name)
        }
    }

    /// Too many requests, or a fault inside: another request may fare better.
    private static let temporaryFaults: Set<String> = [
        "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded",
        "LimitExceededException",
        "ProvisionedThroughputExceededException", "KMSInternalException", "DependencyTimeoutException",
        "KeyUnavailableException", "InternalServerError", "CloudHsmClusterInvalidConfigurationException",
    ]
}

/// A KMS client that tells of every failure before it passes it on.
struct WatchedKMSClient: KMSClient {
    let client: any KMSClient
    let watch: ConnectionWatch

    var region: String? { client.region }

    func generateDataKey(_ request: KMS.GenerateDataKeyRequest) async throws -> KMS.GenerateDataKeyResponse {
        try await watch.watching { try await client.generateDataKey(request) }
    }

    func generateDataKeyWithoutPlaintext(
        _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
    ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse {
        try await watch.watching { try await client.generateDataKeyWithoutPlaintext(request) }
    }

    func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse {
        try await watch.watching { try await client.encrypt(request) }
    }

    func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse {
        try await watch.watching { try await client.decrypt(request) }
    }

    func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse {
        try await watch.watching { try await client.reEncrypt(request) }
    }

    func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse {
        try await watch.watching { try await client.getPublicKey(request) }
    }

    func deriveSharedSecret(_ request: KMS.DeriveSharedSecretRequest) async throws -> KMS.DeriveSharedSecretResponse {
        try await watch.watching { try await client.deriveSharedSecret(request) }
    }

    func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse {
        try await watch.watching { try await client.describeKey(request) }
    }
}

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
