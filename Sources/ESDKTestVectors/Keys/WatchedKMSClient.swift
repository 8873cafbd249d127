import AWSMaterialProviders

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
