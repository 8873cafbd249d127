import AWSMaterialProviders
import ESDKCrypto

/// A KMS that answers at once, with the same data key each time: what is left is the keyring's own work.
struct InProcessKMS: KMSClient {
    static let keyARN = "arn:aws:kms:us-west-2:123456789012:key/12345678-1234-1234-1234-123456789012"

    private let dataKey = SecretBytes([UInt8](repeating: 9, count: 32))
    /// As long as those of AWS.
    private let ciphertextBlob = [UInt8](repeating: 3, count: 184)

    var region: String? { "us-west-2" }

    func generateDataKey(_ request: KMS.GenerateDataKeyRequest) async throws -> KMS.GenerateDataKeyResponse {
        KMS.GenerateDataKeyResponse(keyID: Self.keyARN, plaintext: dataKey, ciphertextBlob: ciphertextBlob)
    }

    func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse {
        KMS.DecryptResponse(keyID: Self.keyARN, plaintext: dataKey)
    }

    func generateDataKeyWithoutPlaintext(
        _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
    ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse { throw notMeasured }

    func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse { throw notMeasured }

    func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse { throw notMeasured }

    func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse { throw notMeasured }

    func deriveSharedSecret(
        _ request: KMS.DeriveSharedSecretRequest
    ) async throws -> KMS.DeriveSharedSecretResponse { throw notMeasured }

    func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse { throw notMeasured }

    private var notMeasured: BenchError { BenchError("a KMS operation that is not measured") }
}
